using System.Buffers.Binary;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Spark;

/// <summary>
/// Copies of Parquet files of which only what is wanted was fetched, each byte at its place: DuckDB reads a footer, or a column, and
/// nothing else of them.
/// </summary>
internal static class SparseFiles
{
    // Most footers are smaller, so one request is enough.
    private const int TailBytes = 64 << 10;

    // The footer's length and the magic number end the file (Parquet format: File format).
    private const int EndBytes = 8;

    /// <summary>Fetches the footers of files.</summary>
    public static Task FetchFootersAsync(LakeReader lake, IReadOnlyList<FetchedFile> files, CancellationToken cancellationToken) =>
        ParallelFetch.RunAsync(files, (file, token) => FetchFooterAsync(lake, file, token), cancellationToken);

    /// <summary>Fetches one column of files whose footers were fetched.</summary>
    public static Task FetchColumnAsync(
        DuckDbConnection connection, LakeReader lake, IReadOnlyList<FetchedFile> files, string column, CancellationToken cancellationToken)
    {
        var chunks = Chunks(connection, files, column).ToLookup(chunk => chunk.Path);
        return ParallelFetch.RunAsync(
            files,
            async (file, token) =>
            {
                foreach (var (_, first, bytes) in chunks[file.Path])
                    await lake.FetchPartAsync(file.Object, file.Path, first, first + bytes, token);
            },
            cancellationToken);
    }

    private static async Task FetchFooterAsync(LakeReader lake, FetchedFile file, CancellationToken cancellationToken)
    {
        var size = file.Object.Bytes;
        var tail = Math.Max(0, size - TailBytes);
        await lake.FetchPartAsync(file.Object, file.Path, tail, size, cancellationToken);
        var footer = Math.Max(0, size - EndBytes - FooterBytes(file.Path, size));
        if (footer < tail)
            await lake.FetchPartAsync(file.Object, file.Path, footer, tail, cancellationToken);
    }

    private static uint FooterBytes(string path, long size)
    {
        if (size < EndBytes)
            return 0;
        Span<byte> length = stackalloc byte[sizeof(uint)];
        using var file = File.OpenRead(path);
        file.Position = size - EndBytes;
        file.ReadExactly(length);
        return BinaryPrimitives.ReadUInt32LittleEndian(length);
    }

    private static List<(string Path, long First, long Bytes)> Chunks(
        DuckDbConnection connection, IReadOnlyList<FetchedFile> files, string column)
    {
        var chunks = new List<(string, long, long)>();
        // A dictionary comes before the pages, and a column without one has no offset or 0.
        using var result = connection.Query(
            "SELECT file_name, CASE WHEN dictionary_page_offset BETWEEN 1 AND data_page_offset THEN dictionary_page_offset"
            + " ELSE data_page_offset END, total_compressed_size"
            + $" FROM parquet_metadata({DuckDbSql.List(files.Select(file => file.Path))})"
            + $" WHERE path_in_schema = {DuckDbSql.Literal(column)}");
        while (result.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
                chunks.Add((chunk[0].Text(row)!, chunk[1].Get<long>(row), chunk[2].Get<long>(row)));
        return chunks;
    }
}
