using CdcDms.Functions.Tables;
using CdcDms.LambdaRuntime;
using Npgsql;

namespace CdcDms.Functions.Tests.Tables;

/// <summary>
/// What a function's session of a database may do, and for how long. The tests set variables of their own process, which processes that
/// other tests start would have as well: so they run alone.
/// </summary>
[CollectionDefinition(nameof(ConnectionsTests), DisableParallelization = true)]
[Collection(nameof(ConnectionsTests))]
public sealed class ConnectionsTests : IDisposable
{
    public void Dispose()
    {
        Environment.SetEnvironmentVariable(FunctionEnvironment.Target, null);
        Environment.SetEnvironmentVariable(FunctionEnvironment.Source, null);
    }

    [Fact]
    public async Task Nothing_in_a_database_outlives_the_function_that_began_it()
    {
        Environment.SetEnvironmentVariable(FunctionEnvironment.Target, "Host=db;Database=analytics");
        Environment.SetEnvironmentVariable(FunctionEnvironment.Source, "Host=db;Database=shop;Options=-c work_mem=1MB");
        var clock = new StoppedClock();
        var deadline = clock.GetUtcNow().UtcDateTime.AddMilliseconds(1500);
        var connections = new Connections(new Invocation { RequestId = "1", DeadlineUtc = deadline, Clock = clock });

        var target = new NpgsqlConnectionStringBuilder(await connections.TargetAsync(CancellationToken.None));
        var source = new NpgsqlConnectionStringBuilder(await connections.SourceAsync(CancellationToken.None));

        const string limits = "-c statement_timeout=1500 -c idle_in_transaction_session_timeout=1500";
        Assert.Equal($"{limits} -c client_connection_check_interval=2s -c idle_session_timeout=1500", target.Options);
        Assert.Equal($"-c work_mem=1MB {limits}", source.Options);
        Assert.False(target.Pooling || source.Pooling);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
