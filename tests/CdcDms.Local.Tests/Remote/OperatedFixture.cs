using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Local.LambdaHost;
using CdcDms.Local.Tests.Commands;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Remote;

/// <summary>
/// The tables of the environment dev, in real databases and a real lake, and its operate function: the bundle in a host that speaks
/// Lambda's API.
/// </summary>
public abstract class OperatedFixture(TestServers servers) : AsideFixture(servers)
{
    /// <summary>What the function logs.</summary>
    protected System.Collections.Concurrent.ConcurrentQueue<string> Log { get; } = [];

    /// <summary>Makes the tables of dev at the source, with some rows, and the definition file with which dev is deployed here.</summary>
    protected async Task PrepareAsync()
    {
        await Source.ExecuteAsync(
            """
            DROP TABLE accounts, entries;
            CREATE TABLE customers (
                id bigint PRIMARY KEY, name text, email text, preferences jsonb, created_at timestamptz DEFAULT '2026-01-01Z');
            CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, status text, placed_at timestamp, total numeric(14,2));
            INSERT INTO customers SELECT n, 'name ' || n, n || '@example.org', '{}' FROM generate_series(1, 100) n;
            INSERT INTO orders SELECT n, n, 'new', '2026-01-01', n FROM generate_series(1, 100) n;
            """);
        var environment = JsonNode.Parse(Repository.Read("infra", "Environments", "dev.json"))!;
        await File.WriteAllTextAsync(Definitions, environment["tables"]!.ToJsonString());
    }

    /// <summary>Lets the target refuse the order 17, and puts its change aside.</summary>
    protected async Task PutAsideAsync()
    {
        await ArriveAsync();
        await Analytics.ExecuteAsync("ALTER TABLE analytics.orders ADD CONSTRAINT poor CHECK (total < 1000000)");
        await Source.ExecuteAsync("UPDATE orders SET total = 2000000, status = 'CANARY' WHERE id = 17");
        await ArriveAsync();
    }

    /// <summary>Starts the host.</summary>
    /// <param name="more">Variables of the function beside those that say where everything is.</param>
    protected Task<LocalLambda> HostAsync(params (string Name, string Value)[] more)
    {
        var variables = new Dictionary<string, string>
        {
            [FunctionEnvironment.Function] = FunctionNames.Operate,
            [FunctionEnvironment.Source] = Source.ConnectionString,
            [FunctionEnvironment.Target] = Analytics.ConnectionString,
            [FunctionEnvironment.Lake] = Lake.ToString(),
            [FunctionEnvironment.Tables] = Definitions,
            [FunctionEnvironment.S3Endpoint] = Servers.S3Server.Endpoint.ToString(),
            [FunctionEnvironment.FileIntervalSeconds] = "1",
            [FunctionEnvironment.TaskDemands] = """{"lobKilobytes":63,"heartbeatSchema":"cdcdms","captureDdl":true}""",
            ["AWS_ACCESS_KEY_ID"] = Servers.S3Server.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = Servers.S3Server.SecretAccessKey,
        };
        foreach (var (name, value) in more)
            variables[name] = value;
        return LocalLambda.StartAsync(
            [
                new LocalFunction
                {
                    Name = WorkflowNames.OperateFunction("dev"),
                    BundleFolder = FunctionsBundle.Folder,
                    Handler = "CdcDms.Functions",
                    Environment = variables,
                    TimeoutSeconds = 300,
                    MemoryMegabytes = 1024,
                },
            ],
            Log.Enqueue,
            CancellationToken.None);
    }

    /// <summary>Runs a verb over an environment whose Lambda is elsewhere.</summary>
    protected async Task<(int ExitCode, string Output, string Errors)> OperateAsync(Uri lambda, params string[] arguments)
    {
        using var command = StartOperating(lambda, arguments);
        return await command.EndAsync();
    }

    internal CommandLine StartOperating(Uri lambda, params string[] arguments) => CommandLine.Start(
        Servers, new Dictionary<string, string?> { ["AWS_ENDPOINT_URL_LAMBDA"] = lambda.ToString() }, arguments);
}
