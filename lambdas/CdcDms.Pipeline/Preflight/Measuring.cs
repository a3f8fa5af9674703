using System.Diagnostics;
using System.Globalization;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>
/// Reads every value that DMS may cut, table after table, one statement each, within a time for all. A value that is stored out of line
/// is fetched only when its size in bytes leaves the question open.
/// </summary>
internal sealed class Measuring(NpgsqlConnection connection, PreflightSettings settings)
{
    private static readonly TimeSpan MostOfOneTable = TimeSpan.FromSeconds(20);

    private readonly Stopwatch _spent = Stopwatch.StartNew();

    public async Task<MeasuredValues> OfAsync(CheckedTable table, CancellationToken cancellationToken)
    {
        List<TableColumn> sized = [.. table.Columns.Where(column => column is { IsLob: true } or { IsUnboundedVarchar: true })];
        List<TableColumn> numbers = [.. table.Columns.Where(column => column.IsUnboundedNumeric)];
        if (sized.Count + numbers.Count == 0)
            return MeasuredValues.None;
        if (!table.Facts.IsReadable || table.Facts.HidesRows)
            return NotMeasured($"the role {table.Facts.Role} may not read all of them");
        var left = settings.MeasuringTime - _spent.Elapsed;
        if (left <= TimeSpan.Zero)
            return NotMeasured("the time for it was over");
        var limit = left < MostOfOneTable ? left : MostOfOneTable;
        var most = settings.LobBytes(table.Definition);
        IEnumerable<string> values = [.. sized.Select(column => Size(column, most)), .. numbers.SelectMany(Digits)];
        var from = (table.Facts.Kind == 'p' ? "" : "ONLY ") + table.Facts.Quoted;
        try
        {
            await LimitAsync(limit, cancellationToken);
            return await connection.SingleAsync(
                $"SELECT {string.Join(", ", values)} FROM {from}", row => Read(row, sized, numbers), cancellationToken);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            return NotMeasured(
                string.Create(CultureInfo.InvariantCulture, $"reading it takes more than {limit.TotalSeconds:0.#} seconds"));
        }
        catch (PostgresException fault)
        {
            return NotMeasured(PostgresWords.Told(fault));
        }
        finally
        {
            await LimitAsync(TimeSpan.Zero, CancellationToken.None);
        }
    }

    private static MeasuredValues NotMeasured(string why) => MeasuredValues.None with { Failure = why };

    private Task LimitAsync(TimeSpan limit, CancellationToken cancellationToken) => connection.ExecuteAsync(
        string.Create(CultureInfo.InvariantCulture, $"SET statement_timeout = {(long)Math.Ceiling(limit.TotalMilliseconds)}"),
        cancellationToken);

    // octet_length knows a stored text's size without fetching it. An NCLOB takes two bytes a character
    // (docs/dms-contract.md#large-objects), so a text of at most half the limit in bytes is within it.
    private static string Size(TableColumn column, long mostBytes)
    {
        var name = Sql.Identifier(column.Name);
        var limit = mostBytes.ToString(CultureInfo.InvariantCulture);
        return column switch
        {
            { BaseTypeName: "bytea" } => $"max(octet_length({name}))::bigint",
            { IsUnboundedVarchar: true } or { BaseTypeName: "xml" or "tsvector" or "tsquery" or "path" or "polygon" } =>
                $"max(octet_length({name}::text))::bigint",
            _ => $"max(CASE WHEN octet_length({name}::text) * 2::bigint > {limit} THEN char_length({name}::text) * 2::bigint "
                + $"ELSE octet_length({name}::text) END)",
        };
    }

    private static IEnumerable<string> Digits(TableColumn column)
    {
        var name = Sql.Identifier(column.Name);
        var finite = $"FILTER (WHERE {name}::text NOT IN ('NaN', 'Infinity', '-Infinity'))";
        return
        [
            $"max(length(trunc(abs({name}))::text)) {finite}", $"max(scale(trim_scale({name}))) {finite}",
            $"coalesce(bool_or({name}::text IN ('NaN', 'Infinity', '-Infinity')), false)",
        ];
    }

    private static MeasuredValues Read(NpgsqlDataReader row, List<TableColumn> sized, List<TableColumn> numbers)
    {
        var sizes = new Dictionary<string, long>();
        foreach (var (index, column) in sized.Index())
            sizes[column.Name] = row.IsDBNull(index) ? 0 : row.GetInt64(index);
        var digits = new Dictionary<string, MeasuredDigits>();
        foreach (var (index, column) in numbers.Index())
        {
            var first = sized.Count + (index * 3);
            digits[column.Name] = new MeasuredDigits(Number(first), Number(first + 1), row.GetBoolean(first + 2));
        }

        return new MeasuredValues(sizes, digits, null);

        int Number(int place) => row.IsDBNull(place) ? 0 : row.GetInt32(place);
    }
}
