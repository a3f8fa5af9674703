using System.Diagnostics;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.LambdaHost;
using CdcDms.Testing;

namespace CdcDms.Benchmarks.Start;

/// <summary>
/// The function <c>merge</c>, invoked over HTTP as Lambda is, in processes of the published bundle. What AWS does before the process starts
/// (a machine, the bundle's bytes) is not in it.
/// </summary>
internal sealed class InvokedMerge : IAsyncDisposable
{
    private const int WarmUps = 5;
    private static readonly MergeWork Work = new("invoked", 100, 100, 10_000) { Files = 1, NewPercent = 20, DeletePercent = 10 };

    private readonly HttpClient _http = new();
    private readonly TestLake _lake;
    private readonly TestDatabase _database;
    private readonly LocalFunction _function;
    private int _files;

    private InvokedMerge(TestServers servers, TestLake lake, TestDatabase database, string bundle)
    {
        (_lake, _database) = (lake, database);
        _function = new LocalFunction
        {
            Name = FunctionNames.Merge,
            BundleFolder = bundle,
            Handler = "CdcDms.Functions",
            TimeoutSeconds = 900,
            MemoryMegabytes = 2048,
            Environment = new Dictionary<string, string>
            {
                [FunctionEnvironment.Function] = FunctionNames.Merge,
                [FunctionEnvironment.Target] = database.ConnectionString,
                [FunctionEnvironment.S3Endpoint] = servers.S3Server.Endpoint.AbsoluteUri,
                ["AWS_ACCESS_KEY_ID"] = servers.S3Server.AccessKeyId,
                ["AWS_SECRET_ACCESS_KEY"] = servers.S3Server.SecretAccessKey,
            },
        };
    }

    /// <summary>A table with rows, all of which are merged.</summary>
    public static async Task<InvokedMerge> CreateAsync(TestServers servers, string bundle)
    {
        var function = new InvokedMerge(servers, await TestLake.CreateAsync(servers), await servers.CreateDatabaseAsync(), bundle);
        await function._lake.LoadAsync(Work.Table, 1, Work.RowsSql);
        await function.ColdAsync(changes: 0, times: 1);
        return function;
    }

    /// <summary>Invokes it in new processes, from the request to the answer.</summary>
    /// <param name="changes">Changes that wait; none or 100.</param>
    /// <param name="times">As many processes, one after the other.</param>
    public async Task<IReadOnlyList<(double Milliseconds, MergeOutput Output)>> ColdAsync(int changes, int times)
    {
        var answers = new List<(double, MergeOutput)>();
        for (var time = 0; time < times; time++)
        {
            await using var lambda = await LocalLambda.StartAsync([_function], _ => { }, CancellationToken.None);
            answers.Add(await InvokeAsync(lambda, changes));
        }

        return answers;
    }

    /// <summary>Invokes it in one process that has merged before.</summary>
    /// <inheritdoc cref="ColdAsync"/>
    public async Task<IReadOnlyList<(double Milliseconds, MergeOutput Output)>> WarmAsync(int changes, int times)
    {
        var answers = new List<(double, MergeOutput)>();
        await using var lambda = await LocalLambda.StartAsync([_function], _ => { }, CancellationToken.None);
        for (var time = -WarmUps; time < times; time++)
        {
            var answer = await InvokeAsync(lambda, time < 0 ? Work.Changes : changes);
            if (time >= 0)
                answers.Add(answer);
        }

        return answers;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _lake.Dispose();
        await _database.DisposeAsync();
    }

    private async Task<(double Milliseconds, MergeOutput Output)> InvokeAsync(LocalLambda lambda, int changes)
    {
        // Each file's changes are newer than those of the one before.
        if (changes > 0)
            await _lake.CdcAsync(
                Work.Table, $"SELECT * REPLACE (v + {_files++ * Work.Changes} AS v) FROM ({Work.ChangesSql(0)})");
        var input = new MergeInput { Table = Work.Table, Lake = _lake.Uri.ToString() };
        var uri = new Uri(lambda.Endpoint, $"/2015-03-31/functions/{FunctionNames.Merge}/invocations");
        var json = JsonSerializer.SerializeToUtf8Bytes(input, ContractJson.Default.MergeInput);
        var began = Stopwatch.GetTimestamp();
        using var response = await _http.PostAsync(uri, new ByteArrayContent(json));
        var answer = await response.Content.ReadAsByteArrayAsync();
        var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return response.Headers.Contains("X-Amz-Function-Error")
            ? throw new InvalidOperationException($"The function failed: {System.Text.Encoding.UTF8.GetString(answer)}")
            : (elapsed, JsonSerializer.Deserialize(answer, ContractJson.Default.MergeOutput)!);
    }
}
