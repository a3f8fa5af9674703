using System.Globalization;
using System.Text.Json;
using CdcDms.Benchmarks;
using CdcDms.Benchmarks.Memory;
using CdcDms.Testing;

// usage: dotnet run --project tests/CdcDms.Benchmarks [-- [GROUP]... [--json] [--rounds N] [--scale X] [--work NAME]...]
if (args is [LoneMerge.Word])
    return await LoneMerge.RunHereAsync();

var json = args.Contains("--json");
var rounds = Values("--rounds").Select(text => (int?)int.Parse(text, CultureInfo.InvariantCulture)).FirstOrDefault();
var groups = MeasurementGroup.All(double.Parse(Values("--scale").FirstOrDefault() ?? "1", CultureInfo.InvariantCulture));
var chosen = args.Where((word, place) => !word.StartsWith("--", StringComparison.Ordinal) && (place == 0 || !TakesValue(args[place - 1])))
    .ToHashSet();
var wanted = Values("--work").ToHashSet();
if (Unknown(chosen, groups.Select(group => group.Name))
    || Unknown(wanted, groups.SelectMany(group => group.Works.Select(work => work.Name))))
    return 2;

var servers = new TestServers();
await servers.InitializeAsync();
var measured = new Dictionary<string, List<object>>();
foreach (var group in groups.Where(group => chosen.Count == 0 || chosen.Contains(group.Name)))
{
    var works = group.Works.Where(work => wanted.Count == 0 || wanted.Contains(work.Name)).ToList();
    if (!json && works.Count > 0)
        Console.WriteLine(group.Head);
    foreach (var work in works)
    {
        var (figures, line) = await work.TakeAsync(servers, rounds ?? group.Rounds);
        measured.TryAdd(group.Name, []);
        measured[group.Name].Add(figures);
        if (!json)
            Console.WriteLine(line);
    }
}

if (json)
    Console.WriteLine(JsonSerializer.Serialize(measured, JsonSerializerOptions.Web));
return 0;

IEnumerable<string> Values(string option) => args.Zip(args.Skip(1)).Where(pair => pair.First == option).Select(pair => pair.Second);

static bool TakesValue(string word) => word is "--rounds" or "--scale" or "--work";

static bool Unknown(IEnumerable<string> words, IEnumerable<string> known)
{
    if (words.Except(known).FirstOrDefault() is not { } unknown)
        return false;
    Console.Error.WriteLine($"There is no \"{unknown}\"; there are {string.Join(", ", known.Select(name => $"\"{name}\""))}.");
    return true;
}
