using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>A merge that gets another role than the one that made the ledger.</summary>
public sealed class LedgerRightsTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_ledger_of_another_role_is_one_finding_whose_script_lets_the_role_merge()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await using var source = await Servers.CreateDatabaseAsync();
        await source.ExecuteAsync("CREATE TABLE people (id integer PRIMARY KEY, name text)");
        var role = await CheckedRole.CreateAsync(Analytics);
        try
        {
            var job = new PreflightJob(source.ConnectionString, role.In(Analytics), new PreflightSettings());
            var before = await FindAsync(job);

            Assert.Equal(
                [
                    $"The role {role.Name} cannot use the ledger: it may not use its schema cdc, and does not own "
                    + $"{await Analytics.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'cdc'")} of its tables, "
                    + "which the merge alters.",
                    $"The role {role.Name} may not use the schema analytics of targets.",
                    $"The role {role.Name} does not own the table analytics.people, which the merge alters: its own columns, and wider "
                    + "ones.",
                ],
                before.Findings.Select(finding => finding.Reason));
            Assert.Equal(before.Findings[0].Sql.Count - 1, before.Findings[0].Undo.Count);

            await Analytics.ExecuteAsync(string.Join(
                '\n', FixScript.Of(before).Split('\n').Where(line => !line.StartsWith('\\'))));

            Assert.Empty((await FindAsync(job)).Findings);
            await Lake.ChangeAsync(People, 'I', 2, 2, "bob");
            await new MergeJob(Lake.Reader, role.In(Analytics)).RunAsync(People, 1, CancellationToken.None);
            Assert.Equal("1=ada 2=bob", await PeopleAsync());
        }
        finally
        {
            await Analytics.ExecuteAsync(
                $"REASSIGN OWNED BY {role.Name} TO CURRENT_USER; DROP OWNED BY {role.Name}; DROP ROLE {role.Name}");
        }
    }

    private static async Task<PreflightReport> FindAsync(PreflightJob job)
    {
        var report = await job.RunAsync(new TableList([People], []), TestContext.Current.CancellationToken);
        return report with
        {
            Findings = [.. report.Findings.Where(finding => finding.Database is CheckedDatabase.Analytics)],
        };
    }
}
