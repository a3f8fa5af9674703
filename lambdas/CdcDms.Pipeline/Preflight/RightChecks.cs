using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Preflight;

/// <summary>What the role needs that reads the source (docs/dms-contract.md#source-database).</summary>
internal static class RightChecks
{
    public static IEnumerable<Finding> Replication(SourceState source)
    {
        if (!source.Server.MayReplicate)
            yield return Finding.WithSql(
                FindingSeverity.Blocks,
                $"The role {source.Server.Role} may not use replication.",
                source.Server.IsRds ? $"GRANT rds_replication TO {source.Server.Role}" : $"ALTER ROLE {source.Server.Role} REPLICATION");
    }

    public static IEnumerable<Finding> Timeouts(SourceState source) =>
        source.Server.Timeouts.Select(name => Finding.WithSql(
            FindingSeverity.Blocks,
            $"{name} ends sessions of the role {source.Server.Role}: a full load takes long, and DMS leaves transactions idle.",
            $"ALTER ROLE {source.Server.Role} SET {name} = 0"));

    public static IEnumerable<Finding> Heartbeat(SourceState source)
    {
        if (source.Settings.HeartbeatSchema is not { } schema || source.Server.MayWriteHeartbeat is true)
            yield break;
        var name = Sql.Identifier(schema);
        string[] create = source.Server.MayWriteHeartbeat is null ? [$"CREATE SCHEMA IF NOT EXISTS {name}"] : [];
        yield return Finding.WithSql(
            FindingSeverity.Blocks,
            $"DMS cannot write its heartbeat into the schema {schema}: "
            + (create.Length > 0 ? "there is none of this name" : $"the role {source.Server.Role} may not create tables in it")
            + ". Without the heartbeat, an idle slot keeps the source's WAL until its disk is full.",
            [.. create, $"GRANT USAGE, CREATE ON SCHEMA {name} TO {source.Server.Role}"]);
    }

    /// <summary>DMS reads a partitioned table by its partitions.</summary>
    public static IEnumerable<Finding> Tables(SourceState source, CheckedTable table)
    {
        var facts = table.Facts;
        string[] schema = facts.SchemaIsUsable ? [] : [$"GRANT USAGE ON SCHEMA {facts.QuotedSchema} TO {facts.Role}"];
        string[] root = facts.IsSelectable ? [] : [facts.Quoted];
        string[] parts = [.. facts.Written.Where(part => !part.IsSelectable).Select(part => part.Quoted)];
        if (schema.Length + root.Length + parts.Length > 0)
            yield return Finding.WithSql(
                FindingSeverity.Blocks,
                $"The role {facts.Role} may not read "
                + (facts.IsReadable ? $"{Named.Of(parts)}, partitions of table {table.Name}." : $"table {table.Name}."),
                [.. schema, .. root.Union(parts).Select(name => $"GRANT SELECT ON {name} TO {facts.Role}")]);
    }

    public static IEnumerable<Finding> RowSecurity(SourceState source, CheckedTable table)
    {
        var facts = table.Facts;
        if (facts.HidesRows)
            yield return Finding.WithSql(
                FindingSeverity.Loses,
                $"Row-level security hides rows of table {table.Name} from the role {facts.Role}, and a full load lacks them.",
                facts.IsOwned
                    ? $"ALTER TABLE {facts.Quoted} NO FORCE ROW LEVEL SECURITY"
                    : $"ALTER ROLE {facts.Role} BYPASSRLS");
    }
}
