using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Proofs;

/// <summary>Reads rows of a table at the source by their keys, as they are after a settled marker, and records them.</summary>
/// <param name="source">A connection to the source, or to a replica of it.</param>
/// <param name="table">The table.</param>
/// <param name="marker">The marker, which is settled for the table.</param>
/// <param name="backend">PostgreSQL's process in which the source's session was opened.</param>
/// <param name="rows">Where the rows go.</param>
internal sealed class ProofReader(NpgsqlConnection source, ProofTable table, SettledMarker marker, int backend, ProofRows rows)
{
    private TableName Name => table.Tables.Source.Name;

    /// <summary>Reads the rows; each key once, however often and in whatever spelling it is given.</summary>
    /// <param name="keys">The keys, each as texts of its columns in the order of <see cref="ProofTable.Key"/>.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="CdcDmsException">A key cannot be read, or the server has not heard of the marker.</exception>
    public async Task ReadAsync(IReadOnlyList<IReadOnlyList<string>> keys, CancellationToken cancellationToken)
    {
        try
        {
            await rows.OrNoneAsync(() => ReadAsync(keys, table.Values, cancellationToken), cancellationToken);
        }
        // Before PostgreSQL 16, a value that the target's type refuses makes the whole statement fail.
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault) && keys.Count > 1)
        {
            var half = keys.Count / 2;
            await ReadAsync([.. keys.Take(half)], cancellationToken);
            await ReadAsync([.. keys.Skip(half)], cancellationToken);
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault))
        {
            await ReadAsync(keys, await RefusedAsItIsAsync(keys, fault, cancellationToken), cancellationToken);
        }
    }

    /// <summary>The values of a row of which some are refused; these as the source writes them.</summary>
    private async Task<IReadOnlyList<ComparedValue>> RefusedAsItIsAsync(
        IReadOnlyList<IReadOnlyList<string>> key, PostgresException fault, CancellationToken cancellationToken)
    {
        var asItIs = table.Values.Select(AsItIs).ToList();
        if (!await IsReadAsync(key, asItIs, cancellationToken))
            throw new CdcDmsException(ErrorKind.BadDefinition, Unread("a key", PostgresWords.Told(fault)), fault)
            {
                Kept = Unread($"the key ({string.Join(", ", key[0])})", PostgresWords.Told(fault)),
            };
        var values = new List<ComparedValue>();
        for (var index = 0; index < asItIs.Count; index++)
        {
            var onlyThis = asItIs.Select((value, other) => other == index ? table.Values[other] : value);
            values.Add(await IsReadAsync(key, [.. onlyThis], cancellationToken) ? table.Values[index] : asItIs[index]);
        }

        return values;
    }

    private string Unread(string key, string why) => $"{Name} was not read: {key} cannot be read as the type of the key's columns ({why}).";

    private async Task<bool> IsReadAsync(
        IReadOnlyList<IReadOnlyList<string>> key, IReadOnlyList<ComparedValue> values, CancellationToken cancellationToken)
    {
        try
        {
            await QueryAsync(key, values, cancellationToken).CountAsync(cancellationToken);
            return true;
        }
        catch (PostgresException fault) when (PostgresFault.IsOfData(fault))
        {
            return false;
        }
    }

    private static ComparedValue AsItIs(ComparedValue value) => value.Unconverted is { } text ? value with { Value = text } : value;

    private async Task ReadAsync(
        IReadOnlyList<IReadOnlyList<string>> keys, IReadOnlyList<ComparedValue> values, CancellationToken cancellationToken)
    {
        await foreach (var (isSettled, process, key, row) in QueryAsync(keys, values, cancellationToken))
        {
            if (!isSettled)
                throw marker.Unknown(waited: null);
            if (process != backend)
                throw new CdcDmsException(
                    ErrorKind.Unavailable,
                    $"{Name} was not read: a pooler gives each statement another session of PostgreSQL, without the settings that values "
                    + "depend on; connect to PostgreSQL itself, or through a pooler that keeps a session (session pooling).");
            await rows.AddAsync(new ProofRow(key!, row), cancellationToken);
        }

        await rows.FlushAsync(cancellationToken);
    }

    private IAsyncEnumerable<(bool IsSettled, int Backend, string? Key, string? Row)> QueryAsync(
        IReadOnlyList<IReadOnlyList<string>> keys, IReadOnlyList<ComparedValue> values, CancellationToken cancellationToken)
    {
        object?[] texts = [.. table.Key.Select((_, index) => keys.Select(parts => parts[index]).ToArray())];
        return source.QueryAsync(
            Select(values),
            row => (row.GetBoolean(0), row.GetInt32(1), Text(row, 2), Text(row, 3)),
            cancellationToken, [.. marker.Parameters, .. texts]);
    }

    // The columns' own names are free of the outer names here, because the table has a name of ours in its own FROM.
    private string Select(IReadOnlyList<ComparedValue> values)
    {
        var key = table.Key.Select((column, index) => (
            column.To, Name: $"k{index}", From: Sql.Identifier(column.From), Type: KeyType(column))).ToList();
        var match = key.Select(column => $"{column.From} = cdc_wanted.{column.Name}");
        var wanted = key.Select(column => $"CAST({column.Name} AS {column.Type}) AS {column.Name}");
        return $"""
            SELECT cdc_marker.settled, pg_backend_pid(), coalesce(cdc_found.key, cdc_found.wanted)::text, cdc_found.row::text
            FROM (SELECT {SettledMarker.IsKnown(1)} AS settled) cdc_marker
            LEFT JOIN (
                SELECT cdc_row.key, cdc_row.row, {Object(key.Select(column => (column.To, $"cdc_wanted.{column.Name}::text")))} AS wanted
                FROM (
                    SELECT DISTINCT {string.Join(", ", wanted)}
                    FROM unnest({string.Join(", ", key.Select((_, index) => $"${index + 4}::text[]"))})
                        AS cdc_key ({string.Join(", ", key.Select(column => column.Name))})) cdc_wanted
                LEFT JOIN LATERAL (
                    SELECT {Object(key.Select(column => (column.To, $"{column.From}::text")))} AS key,
                        {Object(values.Select(value => (value.Name, $"({value.Value})::text")))} AS row
                    FROM {table.Tables.Source.OwnRows} AS cdc_table WHERE {string.Join(" AND ", match)}) cdc_row ON true
            ) cdc_found ON cdc_marker.settled
            """;
    }

    // A target of a wider type may have a key that the source's type cannot hold: that is no key of the source.
    private string KeyType(TargetColumn column)
    {
        var (from, to) = (table.Tables.Source.Column(column.From)!, table.Tables.Target.Column(column.To)!);
        return from.StoredType == to.StoredType ? from.StoredType : to.CastType;
    }

    private static string? Text(NpgsqlDataReader row, int index) => row.IsDBNull(index) ? null : row.GetString(index);

    private static string Object(IEnumerable<(string Name, string Text)> parts)
    {
        var list = parts.ToList();
        return $"jsonb_object(ARRAY[{string.Join(", ", list.Select(part => Sql.Literal(part.Name)))}]::text[], "
            + $"ARRAY[{string.Join(", ", list.Select(part => part.Text))}]::text[])";
    }
}
