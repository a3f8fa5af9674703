using CdcDms.Pipeline.Preflight;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>The audit of DDL runs with a superuser's rights, so nothing of it may be another's.</summary>
public sealed class DdlAuditTests(TestServers servers)
{
    private const string Before =
        """
        CREATE TABLE public.awsdms_ddl_audit (c_ddlqry text);
        CREATE FUNCTION public.awsdms_intercept_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        """;

    // What is there of table, function and trigger, and of whom.
    private const string Parts =
        """
        SELECT concat_ws(' ',
          (SELECT 'table ' || pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'awsdms_ddl_audit'),
          (SELECT 'function ' || pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'awsdms_intercept_ddl'),
          (SELECT 'trigger ' || evtfoid::regproc FROM pg_event_trigger WHERE evtname = 'awsdms_intercept_ddl'))
        """;

    [Theory]
    [InlineData("CREATE TABLE public.awsdms_ddl_audit (c_ddlqry text)", "table {0}")]
    [InlineData(
        "CREATE FUNCTION public.awsdms_intercept_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'", "function {0}")]
    public async Task What_somebody_makes_before_the_script_runs_is_not_taken_over_and_nothing_half_made_stays(string sql, string stays)
    {
        await using var source = await servers.CreateDatabaseAsync();
        var role = await CheckedRole.CreateAsync(source);
        await source.ExecuteAsync($"GRANT USAGE, CREATE ON SCHEMA public TO {role.Name}");
        var finding = await FoundAsync(source, role);
        await using (var other = NpgsqlDataSource.Create(role.In(source)))
        await using (var command = other.CreateCommand(sql))
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        // As a client runs them that goes on after a failure.
        await using var session = await source.OpenAsync();
        var failures = new List<string>();
        foreach (var statement in finding.Sql)
            try
            {
                await using var command = session.CreateCommand();
                command.CommandText = statement;
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
            catch (PostgresException fault)
            {
                failures.Add(fault.SqlState);
            }

        Assert.NotEmpty(failures);
        Assert.Equal(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, stays, role.Name), await source.ScalarAsync<string>(Parts));
    }

    [Theory]
    [InlineData("", "the table public.awsdms_ddl_audit (of postgres), the function public.awsdms_intercept_ddl() (of postgres)")]
    [InlineData("DROP TABLE awsdms_ddl_audit", "it: the function")]
    [InlineData(
        "CREATE SCHEMA theirs; ALTER FUNCTION awsdms_intercept_ddl() SET SCHEMA theirs; CREATE EVENT TRIGGER awsdms_intercept_ddl "
        + "ON ddl_command_end EXECUTE FUNCTION theirs.awsdms_intercept_ddl()",
        "the event trigger awsdms_intercept_ddl (of postgres, served by theirs.awsdms_intercept_ddl())")]
    [InlineData(
        "CREATE EVENT TRIGGER awsdms_intercept_ddl ON ddl_command_end EXECUTE FUNCTION awsdms_intercept_ddl(); "
        + "ALTER EVENT TRIGGER awsdms_intercept_ddl DISABLE",
        "disabled, served by awsdms_intercept_ddl()")]
    public async Task What_is_there_in_part_or_of_another_task_is_told_and_left_alone(string also, string told)
    {
        await using var source = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync(Before + also);
        var role = await CheckedRole.CreateAsync(source);

        var finding = await FoundAsync(source, role);

        Assert.Empty(finding.Sql);
        Assert.Contains(told.Replace("it: ", "of another task: ", StringComparison.Ordinal), finding.Reason, StringComparison.Ordinal);
    }

    private static async Task<Finding> FoundAsync(TestDatabase source, CheckedRole role)
    {
        var report = await new PreflightJob(role.In(source), null, new PreflightSettings())
            .RunAsync(new TableList([], []), TestContext.Current.CancellationToken);
        return report.Findings.Single(finding => finding.Check == "ddl-capture");
    }
}
