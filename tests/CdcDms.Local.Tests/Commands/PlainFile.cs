using Amazon.S3.Model;
using CdcDms.Contract.Lake;
using CdcDms.DuckDb;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Commands;

/// <summary>Writes a Parquet file as somebody else would, from SQL of DuckDB.</summary>
internal static class PlainFile
{
    public static async Task PutAsync(TestServers servers, LakeUri lake, string path, string select)
    {
        var folder = Directory.CreateTempSubdirectory("cdcdms-test-feed-");
        try
        {
            var file = Path.Combine(folder.FullName, "rows.parquet");
            using (var database = DuckDbDatabase.Open(new DuckDbOptions { SpillDirectory = folder.FullName, Threads = 1 }))
            using (var connection = database.Connect())
                connection.Execute($"COPY ({select}) TO {DuckDbSql.Literal(file)} (FORMAT parquet)");
            await servers.S3.PutObjectAsync(new PutObjectRequest { BucketName = lake.Bucket, Key = lake.Key(path), FilePath = file });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
