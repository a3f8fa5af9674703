using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>A mistake in a definition or an option ends a start before anything happens, and is cured by correcting it.</summary>
public sealed class DefinitionMistakeTests(TestServers servers)
{
    [Fact]
    public async Task A_key_that_the_definition_names_otherwise_than_the_capture_ends_the_start_and_loses_nothing_once_it_is_corrected()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY, v int); CREATE TABLE good (id int PRIMARY KEY)", "public.t", "public.good");
        await test.RunAsync();
        var right = test.Options;
        foreach (var wrong in new[] { right.Tables[0] with { Key = ["idd"] }, right.Tables[0] with { Key = ["v"] } })
        {
            test.Options = right with { Tables = [wrong, right.Tables[1]] };
            var fault = await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync);
            Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
            Assert.Contains(
                $"was captured with the key (id) of table public.t, and the definition has ({wrong.Key![0]})",
                fault.Message,
                StringComparison.Ordinal);
        }

        test.Options = right with { Tables = [right.Tables[0] with { LeaveOut = ["id"] }, right.Tables[1]] };
        Assert.Contains(
            "leaves out column id, which is in its key",
            (await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync)).Message,
            StringComparison.Ordinal);

        test.Options = right;
        Assert.Equal((1, 0), await test.RunAsync("INSERT INTO t VALUES (1)") is var totals
            ? (totals.ChangesCaptured, totals.TablesRefused) : default);
        Assert.Empty(await test.MarksAsync());
    }

    [Theory]
    [InlineData("id int PRIMARY KEY, code int NOT NULL", "(id)")]
    [InlineData("code int NOT NULL", "()")]
    public async Task A_definition_that_loses_its_key_ends_the_start_and_gives_no_table_up(string columns, string instead)
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            $"CREATE TABLE t ({columns}); ALTER TABLE t REPLICA IDENTITY FULL; CREATE TABLE good (id int PRIMARY KEY)",
            "public.t",
            "public.good");
        var right = test.Options = test.Options with { Tables = [test.Options.Tables[0] with { Key = ["code"] }, test.Options.Tables[1]] };
        await test.RunAsync();
        test.Options = right with { Tables = [right.Tables[0] with { Key = null }, right.Tables[1]] };

        var fault = await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync);

        Assert.Contains(
            $"was captured with the key (code) of table public.t, and the definition has none, with which it would be {instead}; correct",
            fault.Message,
            StringComparison.Ordinal);
        test.Options = right;
        await test.RunAsync("INSERT INTO good VALUES (1)");
        Assert.Empty(await test.MarksAsync());
    }

    [Fact]
    public async Task The_columns_of_a_key_may_come_in_any_order()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE good (id int PRIMARY KEY)",
            "public.t",
            "public.good");
        await test.RunAsync();

        test.Options = test.Options with { Tables = [test.Options.Tables[0] with { Key = ["b", "a"] }, test.Options.Tables[1]] };
        var totals = await test.RunAsync("INSERT INTO t VALUES (1, 2)", "DELETE FROM t");

        Assert.Equal((2, 0), (totals.ChangesCaptured, totals.TablesRefused));
        Assert.Equal(["I|1|2", "D|1|2"], await test.ReadAsync("public.t", "SELECT Op, a, b FROM {0} ORDER BY cdc_change_seq"));
    }

    [Fact]
    public async Task A_wrong_name_in_give_up_ends_a_new_capture_before_it_begins()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)", "public.t");
        test.Options = test.Options with { GiveUp = [new TableName("public", "nope")] };

        var fault = await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync);

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.Contains("--give-up names public.nope", fault.Message, StringComparison.Ordinal);
        Assert.Empty(await test.KeysAsync());
        await test.LeavesNothingAsync();
    }
}
