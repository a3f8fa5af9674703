using System.Net;
using System.Net.Sockets;
using System.Text.Json;
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
    private readonly HashSet<string> _set = [];

    public void Dispose()
    {
        foreach (var name in _set)
            Environment.SetEnvironmentVariable(name, null);
    }

    [Fact]
    public async Task Nothing_in_a_database_outlives_the_function_that_began_it()
    {
        Set(FunctionEnvironment.Target, "Host=db;Database=analytics");
        Set(FunctionEnvironment.Source, "Host=db;Database=shop;Options=-c work_mem=1MB");
        var connections = Connections();

        var target = new NpgsqlConnectionStringBuilder(await connections.TargetAsync(CancellationToken.None));
        var source = new NpgsqlConnectionStringBuilder(await connections.SourceAsync(CancellationToken.None));

        const string limits = "-c statement_timeout=1500 -c idle_in_transaction_session_timeout=1500";
        Assert.Equal($"{limits} -c client_connection_check_interval=2s -c idle_session_timeout=1500", target.Options);
        Assert.Equal($"-c work_mem=1MB {limits}", source.Options);
        Assert.False(target.Pooling || source.Pooling);
    }

    [Theory]
    [InlineData("shop.internal", 5432, null)]
    [InlineData("SHOP.internal", 5432, null)]
    [InlineData("shop.internal", 5433, "names shop.internal:5433, where DMS connects: make the two the same.")]
    [InlineData("old.internal", 5432, "names old.internal:5432, where DMS connects: make the two the same.")]
    [InlineData(null, 5432, "names no host and port, where DMS connects: make the two the same.")]
    public async Task A_source_that_the_secret_has_elsewhere_than_the_environment_file_is_not_opened(string? host, int port, string? says)
    {
        using var extension = Extension(host is null ? new { username = "dms", password = "p" }
            : new { username = "dms", password = "p", host, port });
        Set(FunctionEnvironment.SourceSecret, "arn:secret");
        Set(FunctionEnvironment.SourceServer, "shop.internal:5432");

        var opening = Connections().SourceAsync(CancellationToken.None);

        if (says is null)
        {
            var opened = new NpgsqlConnectionStringBuilder(await opening);
            Assert.Equal(("shop.internal", 5432), (opened.Host, opened.Port));
            return;
        }

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => opening);
        Assert.Equal(
            (ErrorKind.BadDefinition,
                $"The environment file has the source database at shop.internal:5432, and its secret arn:secret {says}"),
            (fault.Kind, fault.Message));
    }

    [Fact]
    public async Task The_connection_for_proofs_has_the_server_of_its_own_secret_and_needs_one()
    {
        Set(FunctionEnvironment.ReadSourceSecret, "arn:replica");
        Set(FunctionEnvironment.SourceServer, "shop.internal:5432");
        using (Extension(new { username = "reader", password = "p", host = "replica.internal", port = "5433" }))
        {
            var opened = new NpgsqlConnectionStringBuilder(await Connections().ReadSourceAsync(CancellationToken.None));
            Assert.Equal(("replica.internal", 5433), (opened.Host, opened.Port));
        }

        using (Extension(new { username = "reader", password = "p" }))
        {
            var fault = await Assert.ThrowsAsync<CdcDmsException>(() => Connections().ReadSourceAsync(CancellationToken.None));
            Assert.Equal("The secret arn:replica names no host and port: add them.", fault.Message);
        }
    }

    [Fact]
    public async Task An_extension_that_never_answers_is_told_in_a_sentence()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        Set("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", $"{((IPEndPoint)silent.LocalEndpoint).Port}");
        Set("SECRETS_MANAGER_TIMEOUT_MILLIS", "1");
        Set(FunctionEnvironment.TargetSecret, "arn:secret");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => Connections().TargetAsync(CancellationToken.None));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.StartsWith("The secret arn:secret was not read within 1 seconds: look whether", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_no_host_and_port_is_told_with_its_variable()
    {
        using var extension = Extension(new { username = "loader", password = "p" });
        Set(FunctionEnvironment.TargetSecret, "arn:secret");
        Set(FunctionEnvironment.TargetServer, "analytics.internal");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => Connections().TargetAsync(CancellationToken.None));

        Assert.Equal("CDCDMS_TARGET_SERVER is 'analytics.internal': set it to host:port, or leave it out.", fault.Message);
    }

    private HttpStandIn Extension(object secret)
    {
        var extension = new HttpStandIn(_ => (200, JsonSerializer.Serialize(new { SecretString = JsonSerializer.Serialize(secret) })));
        Set("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", $"{extension.Url.Port}");
        return extension;
    }

    private static Connections Connections()
    {
        var clock = new StoppedClock();
        var deadline = clock.GetUtcNow().UtcDateTime.AddMilliseconds(1500);
        return new Connections(new Invocation { RequestId = "1", DeadlineUtc = deadline, Clock = clock });
    }

    private void Set(string name, string value)
    {
        _set.Add(name);
        Environment.SetEnvironmentVariable(name, value);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
