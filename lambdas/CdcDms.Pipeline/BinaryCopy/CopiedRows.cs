using CdcDms.DuckDb;

namespace CdcDms.Pipeline.BinaryCopy;

/// <summary>Writes the rows of a result as a binary COPY.</summary>
internal static class CopiedRows
{
    /// <summary>Writes all of them.</summary>
    /// <param name="result">The rows.</param>
    /// <param name="writers">One for each column.</param>
    /// <param name="stream">PostgreSQL's binary COPY.</param>
    /// <returns>How many rows were written.</returns>
    public static long Write(DuckDbResult result, FieldWriter[] writers, Stream stream)
    {
        var rows = 0L;
        var buffer = new CopyBuffer(stream);
        buffer.Begin();
        var vectors = new DuckDbVector[writers.Length];
        for (; result.Next(out var chunk); rows += chunk.Rows)
        {
            for (var column = 0; column < vectors.Length; column++)
                vectors[column] = chunk[column];
            for (var row = 0; row < chunk.Rows; row++)
                Write(buffer, writers, vectors, row);
        }

        buffer.End();
        return rows;
    }

    private static void Write(CopyBuffer buffer, FieldWriter[] writers, DuckDbVector[] vectors, int row)
    {
        buffer.Row(writers.Length);
        for (var column = 0; column < writers.Length; column++)
        {
            if (vectors[column].IsNull(row))
                buffer.Null();
            else
                writers[column](buffer, in vectors[column], row);
        }
    }
}
