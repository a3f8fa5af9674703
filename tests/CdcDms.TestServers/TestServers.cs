using Amazon.S3;
using CdcDms.Contract.Lake;
using CdcDms.Local.Services;

namespace CdcDms.Testing;

/// <summary>
/// One PostgreSQL and one S3 server for all tests of an assembly: <c>[assembly: AssemblyFixture(typeof(TestServers))]</c>, then a
/// constructor parameter. Each test takes databases and lakes of its own, so tests run in parallel.
/// </summary>
public sealed class TestServers : IAsyncLifetime
{
    // They live as long as the process, not the fixture: a mutation run has one process run the tests hundreds of times, with a fixture
    // each time.
    private static readonly Lazy<Task<(EmbeddedPostgres Server, DatabasePool Databases)>> SharedPostgres = new(StartPostgresAsync);
    private static readonly Lazy<Task<EmbeddedS3>> SharedS3 = new(() => EmbeddedS3.StartAsync());

    static TestServers() => TemporaryFiles.KeepInMemory();

    private EmbeddedPostgres? _postgres;
    private DatabasePool? _databases;
    private EmbeddedS3? _s3Server;
    private IAmazonS3? _s3;

    /// <summary>The database server.</summary>
    public EmbeddedPostgres Postgres => Started(_postgres);

    /// <summary>The S3 server: its endpoint and credentials, for programs that a test runs.</summary>
    public EmbeddedS3 S3Server => Started(_s3Server);

    /// <summary>A client of the S3 server.</summary>
    public IAmazonS3 S3 => Started(_s3);

    /// <summary>Starts both servers, or joins those that run already.</summary>
    public async ValueTask InitializeAsync()
    {
        var startingPostgres = SharedPostgres.Value;
        _s3Server = await SharedS3.Value;
        _s3 = _s3Server.Connect();
        (_postgres, _databases) = await startingPostgres;
    }

    /// <summary>An empty database.</summary>
    public Task<TestDatabase> CreateDatabaseAsync() => Started(_databases).TakeAsync();

    /// <summary>
    /// A lake without objects: a folder in a fresh bucket, so that code which forgets the folder or the bucket is found out.
    /// </summary>
    public async Task<LakeUri> CreateLakeAsync()
    {
        var bucket = $"test-{Guid.NewGuid():N}";
        await S3Server.CreateBucketAsync(bucket);
        return new LakeUri(bucket, "some/folder");
    }

    /// <summary>Leaves the servers; they stop, and nothing of them is left, when the process ends.</summary>
    public ValueTask DisposeAsync()
    {
        _s3?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<(EmbeddedPostgres Server, DatabasePool Databases)> StartPostgresAsync()
    {
        var server = await EmbeddedPostgres.StartAsync();
        return (server, new DatabasePool(server));
    }

    private static T Started<T>(T? part) where T : class =>
        part ?? throw new InvalidOperationException("The servers run only as a fixture: [assembly: AssemblyFixture(typeof(TestServers))].");
}
