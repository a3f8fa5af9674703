using CdcDms.Contract;
using Npgsql;

namespace CdcDms.Pipeline.Postgres;

/// <summary>Reads Npgsql connection strings.</summary>
public static class ConnectionText
{
    /// <summary>The settings of a connection string.</summary>
    /// <param name="text">Npgsql's keywords and values.</param>
    /// <param name="origin">Where the text is from, for the sentence: <c>of the source database</c>, <c>in CDCDMS_TARGET</c>.</param>
    /// <exception cref="CdcDmsException">The text is no connection string.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text, string origin)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The connection string {origin} cannot be read: {fault.Message.TrimEnd('.')}; write it as Host=…;Username=…;Database=….",
                fault);
        }

        // What Npgsql takes and cannot open.
        var lacks = string.IsNullOrWhiteSpace(settings.Host) ? "has no Host"
            : settings.Port is < 1 or > ushort.MaxValue ? $"has the Port {settings.Port}, and ports go from 1 to {ushort.MaxValue}"
            : null;
        return lacks is null ? settings
            : throw new CdcDmsException(
                ErrorKind.BadDefinition, $"The connection string {origin} {lacks}; write it as Host=…;Username=…;Database=….");
    }
}
