namespace CdcDms.Pipeline.Tests.Targets;

/// <summary>Targets whose rows are in partitions, which may have more than the table hands down to them.</summary>
public sealed class PartitionTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData(DeleteMode.Hard, "1=a2 2=b2 3=c")]
    [InlineData(DeleteMode.Soft, "1=a2 2=b2 3=c 12=y")]
    public async Task Partitions_of_the_tables_own_form_are_merged_and_every_row_is_counted(DeleteMode deletes, string people)
    {
        await PartitionedAsync();
        var table = People with { Deletes = deletes };
        await ChangesAsync(People, "('I', 1, 1, 'a')", "('I', 1, 2, 'b')", "('I', 1, 12, 'y')");
        Assert.Equal(new RowCounts { Read = 3, Inserted = 3 }, await MergeAsync(table));
        await ChangesAsync(
            People, "('U', 2, 1, 'a2')", "('U', 3, 2, 'b2')", "('I', 3, 3, 'c')", "('D', 4, 12, NULL)", "('I', 5, 99, 'no partition')");

        Assert.Equal(
            new RowCounts { Read = 5, Inserted = 1, Updated = 2, Deleted = 1, Quarantined = 1 }, await MergeAsync(table));

        Assert.Equal(people, await PeopleAsync());
    }

    [Theory]
    [InlineData("CREATE UNIQUE INDEX one ON analytics.low (name)", "the unique index one of analytics.low")]
    [InlineData(
        "CREATE TRIGGER t BEFORE UPDATE ON analytics.low FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "the trigger t of analytics.low")]
    [InlineData("ALTER TABLE analytics.low ADD FOREIGN KEY (name) REFERENCES analytics.other", "low_name_fkey of analytics.low")]
    [InlineData("ALTER TABLE analytics.low ADD EXCLUDE (name WITH =)", "low_name_excl of analytics.low")]
    [InlineData("ALTER TABLE analytics.low SET UNLOGGED", "the property UNLOGGED of analytics.low")]
    public async Task What_only_a_partition_has_is_refused_too(string more, string sentence)
    {
        await PartitionedAsync();
        await Analytics.ExecuteAsync(more);
        await ChangesAsync(People, "('I', 1, 1, 'a')");

        await AssertRefusedAsync(People, ErrorKind.BadDefinition, "cannot be a target while it has", sentence);
    }

    [Theory]
    [InlineData(DeleteMode.Hard, "1=b:y")]
    [InlineData(DeleteMode.Soft, "1=b:y")]
    public async Task A_partition_whose_columns_are_in_another_order_keeps_what_a_change_leaves_unsaid(DeleteMode deletes, string people)
    {
        await TargetAsync("id integer PRIMARY KEY, name text, note text) PARTITION BY RANGE (id");
        await Analytics.ExecuteAsync(
            """
            CREATE TABLE analytics.low (gone text, note text, name text, id integer NOT NULL);
            ALTER TABLE analytics.low DROP gone
            """);
        var table = People with
        {
            Deletes = deletes,
            LobUpdates = LobUpdates.KeepOnNull,
            Columns = [.. People.Columns!, new ColumnMapping { From = "note", To = "note", Type = "text" }],
        };
        // The pipeline's own columns come first, so that the partition can be attached.
        await MergeAsync(table);
        await Analytics.ExecuteAsync(
            """
            DO $do$ DECLARE c text; BEGIN
                FOR c IN SELECT format('ALTER TABLE analytics.low ADD %I %s%s', attname, format_type(atttypid, atttypmod),
                        CASE WHEN attgenerated <> '' THEN ' GENERATED ALWAYS AS (' || pg_get_expr(adbin, adrelid) || ') STORED' ELSE '' END
                        || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END)
                    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
                    WHERE attrelid = 'analytics.people'::regclass AND attname LIKE '\_cdc%' ORDER BY attgenerated, attnum DESC
                LOOP EXECUTE c; END LOOP;
            END $do$;
            ALTER TABLE analytics.people ATTACH PARTITION analytics.low FOR VALUES FROM (0) TO (10)
            """);
        await WideAsync("('I', 1, 1, 'a', 'x')");
        await WideAsync("('U', 2, 1, 'b', NULL)");
        await WideAsync("('U', 3, 1, NULL, 'y')");

        await AssertAnswerAsync(people, "SELECT string_agg(id || '=' || name || ':' || note, ' ') FROM analytics.people");

        async Task WideAsync(string row)
        {
            await Lake.CdcAsync(table, $"SELECT * FROM (VALUES {row}) t(op, v, id, name, note)");
            await MergeAsync(table);
        }
    }

    private async Task PartitionedAsync()
    {
        await TargetAsync(
            "id integer PRIMARY KEY, name text) PARTITION BY RANGE (id", "CREATE TABLE analytics.other (name text PRIMARY KEY)");
        await Analytics.ExecuteAsync(
            """
            CREATE TABLE analytics.low PARTITION OF analytics.people FOR VALUES FROM (0) TO (10);
            CREATE TABLE analytics.high PARTITION OF analytics.people FOR VALUES FROM (10) TO (20) PARTITION BY LIST (id);
            CREATE TABLE analytics.twelve PARTITION OF analytics.high FOR VALUES IN (12)
            """);
    }
}
