using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CdcDms.Local.ConsoleServer;
using CdcDms.Pipeline.Operations;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>What is wrong with a table, and what a console that may operate does about it.</summary>
public sealed class ConsoleCureTests(TestServers servers) : ConsoleFixture(servers)
{
    private const string Accounts = "/api/tables/analytics.accounts";

    [Fact]
    public async Task What_is_wrong_with_a_table_is_told_without_values_and_the_values_only_for_a_number()
    {
        var id = await QuarantineAsync();
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);

        var (status, answer) = await AskAsync(browser, Accounts);
        var values = (await AskAsync(browser, $"/api/quarantine/{id}")).Answer;

        Assert.Equal(200, status);
        Assert.Equal("a value is none", answer["table"]!["quarantine"]![0]!["told"]!.GetValue<string>());
        Assert.DoesNotContain("secret", answer.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("secret", values["change"]!["name"]!.GetValue<string>());
        Assert.Equal("The quarantine has no open change 99.", (await FailureAsync(browser, "/api/quarantine/99")).Sentence);
        Assert.Equal("A change has a number, and 'x' is none.", (await FailureAsync(browser, "/api/quarantine/x")).Sentence);
    }

    [Fact]
    public async Task A_console_that_only_shows_offers_no_cure_and_refuses_all()
    {
        await ParkAsync();
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);

        Assert.Empty((await AskAsync(browser, Accounts)).Answer["cures"]!.AsArray());
        var (status, answer) = await OrderAsync(browser, """{"kind":"resume"}""");

        Assert.Equal(
            (403, "This console only shows: start it with --operate to cure by it."), (status, answer["failure"]!.GetValue<string>()));
        Assert.Equal("why", await Analytics.ScalarAsync<string>("SELECT parked_cause FROM cdc.tables WHERE target_name = 'accounts'"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("null")]
    public async Task A_cure_that_another_page_orders_is_refused(string? origin)
    {
        await ParkAsync();
        await using var console = await StartAsync(operates: true);
        using var browser = await BrowserAsync(console);

        var (status, answer) = await OrderAsync(browser, """{"kind":"resume"}""", origin ?? "");

        Assert.Equal(403, status);
        Assert.Equal("A cure is started by the console's own page, with JSON: nothing was done.", answer["failure"]!.GetValue<string>());
        Assert.Equal("why", await Analytics.ScalarAsync<string>("SELECT parked_cause FROM cdc.tables WHERE target_name = 'accounts'"));
    }

    [Fact]
    public async Task A_parked_table_is_resumed_and_the_page_is_told()
    {
        await ParkAsync();
        await using var console = await StartAsync(operates: true);
        using var browser = await BrowserAsync(console);

        var offer = Assert.Single((await AskAsync(browser, Accounts)).Answer["cures"]!.AsArray())!;
        Assert.Equal(202, (await OrderAsync(browser, """{"kind":"resume"}""")).Status);
        var cure = await EndedAsync(browser);

        Assert.Equal("resume", offer["kind"]!.GetValue<string>());
        Assert.Contains("It was parked because of this: why", offer["will"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(
            (true, "The next merge goes on with analytics.accounts."),
            (cure["isDone"]!.GetValue<bool>(), cure["told"]!.GetValue<string>()));
        Assert.Null(await Analytics.ScalarAsync<string?>("SELECT parked_cause FROM cdc.tables WHERE target_name = 'accounts'"));
    }

    [Fact]
    public async Task A_change_is_given_up_by_its_number_and_no_other_table_s_change_is()
    {
        var id = await QuarantineAsync();
        var asked = new ConcurrentQueue<object>();
        var places = Places() with { MayOperate = true };
        await using var console = await RunningConsole.StartAsync(
            places with { Operations = new HeardOperations(places.Operations, asked.Enqueue) });
        using var browser = await BrowserAsync(console);

        await OrderAsync(browser, $$"""{"kind":"drop","ids":[{{id + 50}}]}""");
        var refused = await EndedAsync(browser);
        await OrderAsync(browser, $$"""{"kind":"drop","ids":[{{id}}]}""");
        var dropped = await EndedAsync(browser);

        Assert.Equal(
            (false, $"The quarantine of analytics.accounts has no open change {id + 50}: look at it again."),
            (refused["isDone"]!.GetValue<bool>(), refused["told"]!.GetValue<string>()));
        Assert.Equal(
            (true, "1 change given up; analytics.accounts is unproven until a full proof."),
            (dropped["isDone"]!.GetValue<bool>(), dropped["told"]!.GetValue<string>()));
        // The values of no other change are read.
        Assert.Equal([id + 50, id], asked.OfType<QuarantineRequest>().Select(request => request.Id));
        Assert.Equal("dropped", await Analytics.ScalarAsync<string>("SELECT closed_by FROM cdc.quarantine"));
    }

    [Theory]
    [InlineData("""{"kind":"burn"}""", "A cure is ordered as {\"kind\": \"resume\"}: ")]
    [InlineData("""{"kind":99}""", "A cure is ordered as {\"kind\": \"resume\"}: 99 is no kind of cure.")]
    [InlineData("null", "A cure is ordered as {\"kind\": \"resume\"}")]
    [InlineData("", "A cure is ordered as {\"kind\": \"resume\"}: ")]
    public async Task A_wrong_order_is_a_sentence(string body, string sentence)
    {
        await using var console = await StartAsync(operates: true);
        using var browser = await BrowserAsync(console);

        var (status, answer) = await OrderAsync(browser, body);

        Assert.Equal(400, status);
        Assert.StartsWith(sentence, answer["failure"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_cure_of_a_table_runs_at_a_time_and_ends_with_the_console()
    {
        var held = new TaskCompletionSource();
        var cures = new Cures(TimeProvider.System);
        cures.Start(CureKind.Repair, "a.b", async (tell, cancellationToken) =>
        {
            tell("It is read.");
            held.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return new CureResult(true, "");
        });
        await held.Task;

        var refused = Assert.Throws<Contract.CdcDmsException>(
            () => cures.Start(CureKind.Resume, "a.b", (_, _) => Task.FromResult(new CureResult(true, ""))));
        Assert.Equal("It is read.", Assert.Single(cures.All).Told);
        await cures.DisposeAsync();

        Assert.StartsWith("Another cure of a.b goes on since ", refused.Message, StringComparison.Ordinal);
        Assert.Equal((false, "The console was ended."), (cures.All[0].IsDone, cures.All[0].Told));
    }

    [Fact]
    public async Task A_cure_that_fails_otherwise_ends_with_a_sentence_and_the_table_can_be_cured_again()
    {
        await using var cures = new Cures(TimeProvider.System);
        cures.Start(CureKind.Repair, "a.b", (_, _) => throw new InvalidOperationException("It is odd."));
        while (cures.All[0].IsDone is null)
            await Task.Yield();
        var failed = cures.All[0];

        cures.Start(CureKind.Repair, "a.b", (_, _) => Task.FromResult(new CureResult(true, "")));

        Assert.False(failed.IsDone);
        Assert.Equal(
            "The cure of a.b failed by a defect of CdcDms: InvalidOperationException, It is odd; try again, and open an issue with this "
            + "sentence if it fails again.",
            failed.Told);
    }

    [Theory]
    [InlineData("parked-table")]
    [InlineData("quarantined-rows")]
    [InlineData("rejected-files")]
    [InlineData("rows-differ")]
    [InlineData("unproven")]
    public async Task The_runbook_has_the_section_to_which_the_page_of_a_table_leads(string section)
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);
        var script = await browser.GetStringAsync(new Uri("/table.js", UriKind.Relative), CancellationToken.None);

        var text = (await AskAsync(browser, $"/api/runbook/{section}")).Answer["markdown"]!.GetValue<string>();

        Assert.Contains($"\"{section}\"", script, StringComparison.Ordinal);
        Assert.Contains("**Cure.**", text, StringComparison.Ordinal);
        Assert.Equal("The runbook has no section 'none'.", (await FailureAsync(browser, "/api/runbook/none")).Sentence);
    }

    private Task ParkAsync() => Analytics.ExecuteAsync(
        "UPDATE cdc.tables SET parked_at = now(), parked_cause = 'why' WHERE target_name = 'accounts'");

    private Task<long> QuarantineAsync() => Analytics.ScalarAsync<long>(
        """
        INSERT INTO cdc.quarantine (table_id, reason, operation, change, types, error, told)
        SELECT id, 'refused', 'U', '{"name": "secret"}', '{}', 'the value secret is none', 'a value is none' FROM cdc.tables
        WHERE target_name = 'accounts' RETURNING id
        """);

    /// <summary>The newest cure, once it has ended.</summary>
    private static async Task<JsonNode> EndedAsync(HttpClient browser)
    {
        while (true)
        {
            var newest = (await AskAsync(browser, "/api/cures")).Answer["cures"]![0]!;
            if (newest["isDone"] is not null)
                return newest;
            await Task.Yield();
        }
    }
}
