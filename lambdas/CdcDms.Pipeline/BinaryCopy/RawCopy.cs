using Npgsql;

namespace CdcDms.Pipeline.BinaryCopy;

/// <summary>A binary COPY into PostgreSQL, which is whole or not at all.</summary>
internal static class RawCopy
{
    /// <summary>Runs a COPY.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="statement">COPY FROM STDIN in the binary format.</param>
    /// <param name="write">Writes all rows.</param>
    /// <returns>What <paramref name="write"/> returns.</returns>
    public static async Task<T> RunAsync<T>(
        NpgsqlConnection connection, string statement, Func<Stream, T> write, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(statement, cancellationToken);
        try
        {
            return write(copy);
        }
        catch (Exception fault) when (fault is not NpgsqlException)
        {
            // Disposing would end the COPY as if it were whole, and PostgreSQL's complaint about that would hide the fault.
            await copy.CancelAsync();
            throw;
        }
    }
}
