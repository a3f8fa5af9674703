namespace CdcDms.Pipeline.Preflight;

/// <summary>
/// Whether DMS learns of new columns. It makes an audit table and an event trigger for that, which takes a superuser; or somebody makes
/// both before (docs/dms-contract.md#source-database).
/// </summary>
internal static class DdlCaptureCheck
{
    // Who owns the table or the function decides what runs with a superuser's rights. So nothing is taken over that somebody else may have
    // made: if one of them is there, the transaction fails as a whole.
    private const string Table =
        """
        CREATE TABLE public.awsdms_ddl_audit (
            c_key bigserial PRIMARY KEY, c_time timestamp, c_user varchar(64), c_txn varchar(16), c_tag varchar(24),
            c_oid integer, c_name varchar(64), c_schema varchar(64), c_ddlqry text)
        """;

    // The rows are read from the WAL, so none has to stay. The caller's search path decides which schema he means, so it is not set; and
    // the functions are named with theirs, since this one has its owner's rights.
    private const string Function =
        """
        CREATE FUNCTION public.awsdms_intercept_ddl() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $ddl$
        BEGIN
            INSERT INTO public.awsdms_ddl_audit (c_time, c_user, c_txn, c_tag, c_oid, c_name, c_schema, c_ddlqry)
            VALUES (
                pg_catalog.now(), current_user, pg_catalog.txid_current()::varchar(16), tg_tag, 0, '',
                pg_catalog.current_schema(), pg_catalog.current_query());
            DELETE FROM public.awsdms_ddl_audit;
        END $ddl$
        """;

    public static IEnumerable<Finding> Ask(SourceState source)
    {
        var server = source.Server;
        if (!source.Settings.CaptureDdl || server.IsSuperuser || server.IsRdsSuperuser || server.HasDdlAudit)
            return [];
        var reason = $"DMS is to capture DDL (source.captureDdl), and the role {server.Role} may not create the event trigger for it, by "
            + "which DMS learns of new columns.";
        return
        [
            // An event trigger of this name may be another task's: a database has one of a name, and each task looks into one schema.
            server.PartsOfDdlAudit.Count > 0
                ? Finding.WithoutSql(
                    FindingSeverity.Blocks,
                    $"{reason} What DMS would make is there in part or otherwise, perhaps of another task: "
                    + $"{string.Join(", ", server.PartsOfDdlAudit)}. Nothing of it is taken over.",
                    "Let a superuser find out who needs it. If nobody does, drop it and run preflight again; else set source.captureDdl "
                    + "to false.")
                : Finding.WithSql(
                    FindingSeverity.Blocks,
                    $"{reason} A superuser makes what DMS would make; or set source.captureDdl to false.",
                    "BEGIN",
                    Table,
                    Function,
                    "CREATE EVENT TRIGGER awsdms_intercept_ddl ON ddl_command_end\n"
                    + "    WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE', 'DROP TABLE') EXECUTE FUNCTION public.awsdms_intercept_ddl()",
                    $"GRANT USAGE ON SCHEMA public TO {server.Role}",
                    $"GRANT SELECT, INSERT, UPDATE, DELETE ON public.awsdms_ddl_audit TO {server.Role}",
                    "COMMIT"),
        ];
    }
}
