using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>What was otherwise between two looks into the catalog, and is as it was again, is noticed all the same.</summary>
public sealed class ForATimeTests(TestServers servers)
{
    private const string Large = "a text, b int); ALTER TABLE t ALTER a SET STORAGE EXTERNAL; ALTER TABLE t REPLICA IDENTITY FULL; ";

    [Fact]
    public async Task A_table_that_was_out_of_the_publication_for_a_time_is_unproven()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE good (id int PRIMARY KEY)", "public.t", "public.good");
        await test.RunAsync();
        var publication = await test.PublicationAsync();

        await test.RunAsync(
            $"ALTER PUBLICATION {publication} DROP TABLE t",
            "INSERT INTO t VALUES (1)",
            $"ALTER PUBLICATION {publication} ADD TABLE ONLY t",
            "INSERT INTO t VALUES (2); INSERT INTO good VALUES (1)");

        Assert.Equal(
            ["t Unproven: the table was out of the publication for a time, and changes made to it meanwhile were not sent"],
            await test.MarksAsync());
        Assert.Equal(["2"], await test.ReadAsync("public.t", "SELECT id FROM {0}"));
    }

    [Fact]
    public async Task A_partition_whose_root_is_published_with_its_schema_is_given_up()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE r (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p PARTITION OF r DEFAULT; "
            + "CREATE TABLE good (id int PRIMARY KEY)",
            "public.p",
            "public.good");
        await test.RunAsync();

        await test.RunAsync(
            $"ALTER PUBLICATION {await test.PublicationAsync()} ADD TABLES IN SCHEMA public",
            "INSERT INTO p VALUES (1); INSERT INTO good VALUES (1)");

        Assert.Equal(
            ["p GivenUp: the table is a partition of public.r, which the publication has too, and its changes are sent as that table's"],
            await test.MarksAsync());
        Assert.Equal(["1"], await test.ReadAsync("public.good", "SELECT id FROM {0}"));
    }

    [Theory]
    [InlineData("CREATE TABLE t (id int PRIMARY KEY, " + Large, "t")]
    [InlineData(
        "CREATE TABLE r (id int PRIMARY KEY, a text, b int) PARTITION BY RANGE (id); CREATE TABLE t (id int PRIMARY KEY, " + Large
        + "ALTER TABLE r ATTACH PARTITION t DEFAULT; ",
        "r")]
    public async Task Changes_without_the_REPLICA_IDENTITY_FULL_that_was_there_before_and_is_again_mark_the_table(
        string schema, string table)
    {
        await using var test = await CaptureTest.StartAsync(
            servers, schema + "INSERT INTO t VALUES (1, repeat('x', 20000), 1)", $"public.{table}");
        await test.RunAsync();

        await test.RunAsync("UPDATE t SET b = 2");
        Assert.Empty(await test.MarksAsync());
        await test.RunAsync("ALTER TABLE t REPLICA IDENTITY DEFAULT", "UPDATE t SET b = 3", "ALTER TABLE t REPLICA IDENTITY FULL");

        Assert.Equal(
            [$"{table} Unproven: rows were changed while REPLICA IDENTITY FULL was taken away, and large values that an update left alone "
                + "were not sent"],
            await test.MarksAsync());
    }

    [Theory]
    [InlineData("CREATE TABLE t (id int PRIMARY KEY, a text, b int)", "t")]
    [InlineData(
        "CREATE TABLE r (id int PRIMARY KEY, a text, b int) PARTITION BY RANGE (id); CREATE TABLE t PARTITION OF r DEFAULT", "r")]
    public async Task REPLICA_IDENTITY_FULL_that_a_table_gets_while_changes_of_before_are_still_to_be_read_marks_nothing(
        string schema, string table)
    {
        await using var test = await CaptureTest.StartAsync(servers, schema + "; INSERT INTO t VALUES (1, 'a', 1)", $"public.{table}");
        await test.RunAsync();

        await test.Source.ExecuteAsync("UPDATE t SET b = 2");
        await test.Source.ExecuteAsync("ALTER TABLE t REPLICA IDENTITY FULL");
        await test.RunAsync();
        await test.RunAsync("UPDATE t SET b = 3");

        Assert.Empty(await test.MarksAsync());
    }

    [Fact]
    public async Task REPLICA_IDENTITY_FULL_that_is_taken_from_a_partition_alone_marks_its_root()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE t (id int PRIMARY KEY, a text) PARTITION BY RANGE (id); CREATE TABLE p PARTITION OF t DEFAULT; "
            + "ALTER TABLE p REPLICA IDENTITY FULL",
            "public.t");
        await test.RunAsync();

        await test.RunAsync("ALTER TABLE p REPLICA IDENTITY DEFAULT");

        Assert.Equal(
            ["t Unproven: REPLICA IDENTITY FULL was taken from a partition, so large values that an update leaves alone are sent no more"],
            await test.MarksAsync());
    }

    [Fact]
    public async Task A_column_that_had_another_name_for_a_time_marks_its_table()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a')", "public.t");
        await test.RunAsync();

        await test.RunAsync("ALTER TABLE t RENAME v TO w", "UPDATE t SET w = 'b'", "ALTER TABLE t RENAME w TO v");
        string[] marks =
        [
            "t Unproven: column v had another name for a time (w), and the lake has its values of then under that name",
        ];
        Assert.Equal(marks, await test.MarksAsync());

        // A column that comes, or goes, has no other name.
        await test.RunAsync("ALTER TABLE t ADD x int", "UPDATE t SET v = 'c'", "ALTER TABLE t DROP x", "UPDATE t SET v = 'd'");
        Assert.Equal(marks, await test.MarksAsync());
    }

    [Fact]
    public async Task A_captured_table_that_was_a_partition_of_another_for_a_time_marks_both()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE r (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p (id int PRIMARY KEY)",
            "public.r",
            "public.p");
        await test.RunAsync();

        await test.RunAsync("ALTER TABLE r ATTACH PARTITION p DEFAULT", "INSERT INTO p VALUES (1)", "ALTER TABLE r DETACH PARTITION p");

        Assert.Equal(
            [
                "p Unproven: the table was a partition of public.r for a time, and its changes of then were sent as that table's",
                "r Unproven: a partition was detached or dropped, and the lake keeps its rows",
            ],
            await test.MarksAsync());
    }

    [Fact]
    public async Task Captured_tables_that_are_truncated_together_are_no_partitions_of_each_other()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE r (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p PARTITION OF r DEFAULT; "
            + "CREATE TABLE t (id int PRIMARY KEY)",
            "public.r",
            "public.t");
        await test.RunAsync();

        await test.RunAsync("TRUNCATE r, t", "INSERT INTO t VALUES (1)");

        Assert.DoesNotContain(
            await test.MarksAsync(),
            mark => mark.Contains("for a time", StringComparison.Ordinal) || mark.Contains("detached", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_column_that_the_definition_left_out_for_a_time_marks_its_table()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY, v text, w text); INSERT INTO t VALUES (1, 'a', 'a')", "public.t");
        await test.RunAsync();
        var all = test.Options;

        test.Options = all with { Tables = [all.Tables[0] with { LeaveOut = ["v"] }] };
        await test.RunAsync("UPDATE t SET v = 'b', w = 'b'");
        Assert.Empty(await test.MarksAsync());
        test.Options = all;
        await test.RunAsync();

        Assert.Equal(
            ["t Unproven: column v was left out by the definition until now, and the lake lacks its values of then"],
            await test.MarksAsync());
    }
}
