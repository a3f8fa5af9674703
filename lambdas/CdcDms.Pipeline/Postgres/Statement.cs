namespace CdcDms.Pipeline.Postgres;

/// <summary>A statement with its positional parameters.</summary>
internal sealed record Statement(string Sql, params object[] Parameters);
