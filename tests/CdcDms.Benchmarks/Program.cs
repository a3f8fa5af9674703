using System.Globalization;
using System.Text.Json;
using CdcDms.Benchmarks;
using CdcDms.Testing;

// usage: dotnet run --project tests/CdcDms.Benchmarks [-- [--json] [--rounds N] [--scale X] [--work NAME]...]
var json = args.Contains("--json");
var rounds = int.Parse(Value("--rounds") ?? "5", CultureInfo.InvariantCulture);
var works = MergeWork.All(double.Parse(Value("--scale") ?? "1", CultureInfo.InvariantCulture));
var wanted = args.Zip(args.Skip(1)).Where(pair => pair.First == "--work").Select(pair => pair.Second).ToHashSet();
if (wanted.Except(works.Select(work => work.Name)).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"There is no work \"{unknown}\"; there are {string.Join(", ", works.Select(work => $"\"{work.Name}\""))}.");
    return 2;
}

var servers = new TestServers();
await servers.InitializeAsync();
var measured = new List<MergeMeasurement>();
if (!json)
    Console.WriteLine(MeasurementTable.Head);
foreach (var work in works.Where(work => wanted.Count == 0 || wanted.Contains(work.Name)))
{
    measured.Add(await MergeMeasurement.TakeAsync(servers, work, rounds));
    if (!json)
        Console.WriteLine(MeasurementTable.Line(measured[^1]));
}

if (json)
    Console.WriteLine(JsonSerializer.Serialize(measured, JsonSerializerOptions.Web));
return 0;

string? Value(string option) => args.SkipWhile(word => word != option).Skip(1).FirstOrDefault();
