using CdcDms.Contract;
using CdcDms.Contract.Lake;

namespace CdcDms.Local.Services;

/// <summary>
/// What a pipeline on one machine runs on: one PostgreSQL with the databases <c>shop</c> and <c>analytics</c>, one S3 with the bucket
/// <c>lake</c>.
/// </summary>
public sealed class EmbeddedServices : IAsyncDisposable
{
    private const string ShopDatabase = "shop";
    private const string AnalyticsDatabase = "analytics";

    private EmbeddedServices(EmbeddedPostgres postgres, EmbeddedS3 s3) => (Postgres, S3) = (postgres, s3);

    /// <summary>The server of both databases.</summary>
    public EmbeddedPostgres Postgres { get; }

    /// <summary>The server of the lake.</summary>
    public EmbeddedS3 S3 { get; }

    /// <summary>The source database, empty.</summary>
    public string SourceConnectionString => Postgres.ConnectionString(ShopDatabase);

    /// <summary>The target database, empty.</summary>
    public string AnalyticsConnectionString => Postgres.ConnectionString(AnalyticsDatabase);

    /// <summary>The lake: a bucket of its own.</summary>
    public LakeUri Lake { get; } = new("lake", "");

    /// <summary>Starts both servers at the same time and creates the databases and the bucket.</summary>
    /// <exception cref="CdcDmsException">One of them did not start; the other is stopped again.</exception>
    public static async Task<EmbeddedServices> StartAsync(CancellationToken cancellationToken = default)
    {
        var startingPostgres = EmbeddedPostgres.StartAsync(cancellationToken);
        var startingS3 = EmbeddedS3.StartAsync(cancellationToken);
        try
        {
            await Task.WhenAll(startingPostgres, startingS3);
            var services = new EmbeddedServices(await startingPostgres, await startingS3);
            await services.Postgres.CreateDatabaseAsync(ShopDatabase, cancellationToken);
            await services.Postgres.CreateDatabaseAsync(AnalyticsDatabase, cancellationToken);
            await services.S3.CreateBucketAsync(services.Lake.Bucket, cancellationToken);
            return services;
        }
        catch
        {
            if (startingPostgres.IsCompletedSuccessfully) await startingPostgres.Result.DisposeAsync();
            if (startingS3.IsCompletedSuccessfully) await startingS3.Result.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops both servers and removes their files; returns when all is gone.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(Postgres.DisposeAsync().AsTask(), S3.DisposeAsync().AsTask());
}
