using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Testing;

/// <summary>Writes change files as DMS writes them, from SQL of DuckDB.</summary>
public sealed class TestLake : IDisposable
{
    private const string Gzip = "COMPRESSION gzip";

    // Opening a DuckDB takes longer than a small file. It spills nothing: each file is written as it is computed.
    private static readonly Lazy<DuckDbDatabase> SharedDuckDb = new(
        () => DuckDbDatabase.Open(new DuckDbOptions { SpillDirectory = "", Threads = 1, MemoryMegabytes = 8192 }));

    private readonly IAmazonS3 _s3;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cdcdms-test-lake-");
    private readonly DuckDbConnection _duckDb = SharedDuckDb.Value.Connect();
    private int _cdcFiles;

    private TestLake(IAmazonS3 s3, LakeUri uri)
    {
        _s3 = s3;
        Uri = uri;
    }

    public LakeUri Uri { get; }

    /// <summary>The generation that is written.</summary>
    public int Generation { get; set; } = 1;

    public LakeReader Reader => new(_s3, Uri);

    public static async Task<TestLake> CreateAsync(TestServers servers) => new(servers.S3, await servers.CreateLakeAsync());

    /// <summary>The 35 digits of a small number.</summary>
    public static string Sequence(long number) => ChangeSequence.From(number).ToString();

    /// <summary>The 38 digits of the version of a sequence.</summary>
    public static string Version(long sequence, int generation = 1) =>
        new ChangeVersion(generation, ChangeSequence.From(sequence)).ToString();

    /// <summary>The key of a LOAD file.</summary>
    public string LoadKey(TableDefinition table, int number) => Uri.LoadKey(table.Source, Generation, number);

    /// <summary>The key of a CDC file.</summary>
    public string CdcKey(TableDefinition table, DateTime commitTimeUtc, DateTime madeUtc) =>
        Uri.CdcKey(table.Source, Generation, commitTimeUtc, madeUtc);

    /// <summary>A LOAD file; the SQL gives the table's columns.</summary>
    public Task<string> LoadAsync(TableDefinition table, int number, string select, string options = Gzip) =>
        PutAsync(
            LoadKey(table, number),
            $"SELECT 'I' AS \"Op\", '2026-01-01 00:00:00.000000' AS cdc_timestamp, *, '' AS cdc_change_seq FROM ({select})",
            options);

    /// <summary>A CDC file; the SQL gives the operation <c>op</c>, the number <c>v</c> of the sequence, and the table's columns.</summary>
    public Task<string> CdcAsync(TableDefinition table, string select, string options = Gzip)
    {
        // Today's folder: an older one is looked at once a day only.
        var made = DateTime.UtcNow.Date.AddMilliseconds(_cdcFiles++);
        return PutAsync(
            CdcKey(table, made, made),
            "SELECT op AS \"Op\", '2026-01-02 03:04:05.678901' AS cdc_timestamp, * EXCLUDE (op, v),"
            + $" lpad(v::VARCHAR, 35, '0') AS cdc_change_seq FROM ({select})",
            options);
    }

    /// <summary>One change of a table with the columns id and name.</summary>
    public Task<string> ChangeAsync(TableDefinition table, char op, long version, int id, string? name)
    {
        var text = name is null ? "NULL::VARCHAR" : DuckDbSql.Literal(name);
        return CdcAsync(table, $"SELECT '{op}' AS op, {version} AS v, {id}::INTEGER AS id, {text} AS name");
    }

    /// <summary>The manifest of the generation: these are all its LOAD files.</summary>
    public async Task ManifestAsync(TableDefinition table, params string[] keys)
    {
        var objects = new List<ManifestObject>();
        foreach (var key in keys)
        {
            var head = await _s3.GetObjectMetadataAsync(Uri.Bucket, key);
            objects.Add(new ManifestObject { Key = key, ETag = head.ETag.Trim('"') });
        }

        var manifest = new SnapshotManifest
        {
            Schema = table.Schema,
            Name = table.Name,
            Generation = Generation,
            Objects = objects,
        };
        await _s3.PutObjectAsync(new PutObjectRequest
        {
            BucketName = Uri.Bucket,
            Key = Uri.ManifestKey(table.Source, Generation),
            ContentBody = JsonSerializer.Serialize(manifest, ContractJson.Default.SnapshotManifest),
        });
    }

    /// <summary>Any Parquet file, by default as DMS is told to write it.</summary>
    public async Task<string> PutAsync(string key, string select, string options = Gzip)
    {
        var path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.parquet");
        _duckDb.Execute($"COPY ({select}) TO {DuckDbSql.Literal(path)} (FORMAT parquet, {options})");
        await PutBytesAsync(key, await File.ReadAllBytesAsync(path));
        return key;
    }

    public Task PutBytesAsync(string key, byte[] bytes) =>
        _s3.PutObjectAsync(new PutObjectRequest { BucketName = Uri.Bucket, Key = key, InputStream = new MemoryStream(bytes) });

    public async Task<byte[]> BytesAsync(string key)
    {
        using var response = await _s3.GetObjectAsync(Uri.Bucket, key);
        using var bytes = new MemoryStream();
        await response.ResponseStream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    /// <summary>The first text of a query of DuckDB over an object, whose path <c>{0}</c> stands for.</summary>
    public async Task<string?> AskAsync(string key, string sql)
    {
        var path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.parquet");
        await File.WriteAllBytesAsync(path, await BytesAsync(key));
        using var result = _duckDb.Query(sql.Replace("{0}", DuckDbSql.Literal(path), StringComparison.Ordinal));
        result.Next(out var chunk);
        return chunk[0].Text(0);
    }

    public Task DeleteAsync(string key) => _s3.DeleteObjectAsync(Uri.Bucket, key);

    public void Dispose()
    {
        _duckDb.Dispose();
        _folder.Delete(recursive: true);
    }
}
