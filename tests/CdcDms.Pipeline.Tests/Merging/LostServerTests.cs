using CdcDms.Pipeline.Merging;
using CdcDms.Testing.Proxies;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>
/// What a merge says whose server is gone. One that meets a refused value and the loss at the same moment is met by the random histories
/// (ModelTests) alone, by chance.
/// </summary>
public sealed class LostServerTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_merge_with_a_refused_row_that_loses_its_server_at_any_step_says_so_in_a_sentence()
    {
        await TargetAsync("id integer PRIMARY KEY, name text CHECK (name <> 'bad')");
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bad')");

        var step = 0;
        while (await DiesAtAsync(++step))
            continue;

        Assert.InRange(step, 10, 200);
        Assert.Equal("1=ada", await PeopleAsync());
        Assert.Single(await QuarantineAsync());
    }

    /// <returns>Whether the merge got as far as the step.</returns>
    private async Task<bool> DiesAtAsync(int step)
    {
        Task<MergeOutput> merging;
        bool stopped;
        await using (var proxy = PostgresProxy.Start(Servers.Postgres, new StopAt(step)))
        {
            var ownSession = new NpgsqlConnectionStringBuilder(proxy.Through(Analytics.ConnectionString)) { Pooling = false };
            merging = new MergeJob(Lake.Reader, ownSession.ConnectionString).RunAsync(People, 1L << 30, CancellationToken.None);
            stopped = await Task.WhenAny(merging, proxy.Stopped) == proxy.Stopped;
        }

        if (!stopped)
            await merging;
        else if (await Record.ExceptionAsync(() => merging) is { } fault)
            Assert.Equal((ErrorKind.Unavailable, step), (Assert.IsType<CdcDmsException>(fault).Kind, step));
        return stopped;
    }
}
