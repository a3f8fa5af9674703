using CdcDms.Local.ChangeFiles;
using CdcDms.Pipeline.Catalog;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>Finds the file's columns for a table's columns.</summary>
internal static class CapturedColumns
{
    /// <summary>The file columns for columns of a table, in their order. A type that is no longer there is written as text.</summary>
    public static async Task<IReadOnlyList<FileColumn>> FindAsync(
        NpgsqlConnection connection, IReadOnlyList<(string Name, ModifiedType Type)> columns, CancellationToken cancellationToken)
    {
        var types = await BaseTypes.ResolveAsync(connection, [.. columns.Select(column => column.Type)], cancellationToken);
        return [.. columns.Zip(types, (column, type) => DmsTypes.Column(column.Name, type.Oid, type.Modifier))];
    }
}
