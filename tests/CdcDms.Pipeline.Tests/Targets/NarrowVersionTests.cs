using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Targets;

/// <summary>Target and ledger are from the time before generations, and take the new form with the next merge.</summary>
public sealed class NarrowVersionTests(TestServers servers) : MergeFixture(servers)
{
    private const string NarrowLedger = """
        DROP TABLE cdc.generations;
        ALTER TABLE cdc.tables ADD generation numeric(35,0) NOT NULL DEFAULT 0, ADD newest_folder text, DROP has_older_rows,
            ALTER floor TYPE numeric(35,0), ALTER purge_floor TYPE numeric(35,0);
        ALTER TABLE cdc.quarantine ALTER version TYPE numeric(35,0);
        ALTER TABLE cdc.tombstones_1 ALTER _cdc_version TYPE numeric(35,0) USING mod(_cdc_version, 1e35);
        DELETE FROM cdc.schema_version WHERE version > 5;
        """;

    [Theory]
    [InlineData(DeleteMode.Hard)]
    [InlineData(DeleteMode.Soft)]
    public async Task What_was_merged_before_generations_is_older_than_the_first_one(DeleteMode deletes)
    {
        var table = People with { Deletes = deletes };
        await ChangesAsync(table, "('I', 90, 1, 'old')", "('I', 91, 2, 'old')", "('I', 92, 4, 'kept')", "('D', 93, 2, NULL)");
        await MergeAsync(table);
        await Analytics.ExecuteAsync(NarrowLedger);
        await Analytics.ExecuteAsync(
            "ALTER TABLE analytics.people ALTER _cdc_version TYPE numeric(35,0) USING mod(_cdc_version, 1e35)"
            + (deletes is DeleteMode.Hard
                ? ""
                : ", DROP _cdc_deleted, ALTER _cdc_delete_version TYPE numeric(35,0) USING mod(_cdc_delete_version, 1e35), "
                    + "ADD _cdc_deleted boolean NOT NULL GENERATED ALWAYS AS (_cdc_delete_version IS NOT NULL) STORED"));

        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1, 'new'), (2, 'new'), (3, 'new')) t(id, name)");
        await MergeAsync(table);

        Assert.Equal("1=new 2=new 3=new 4=kept", await PeopleAsync());
        await AssertAnswerAsync<string>(
            "numeric(38,0)",
            """
            SELECT string_agg(DISTINCT format_type(atttypid, atttypmod), ' ') FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
            WHERE c.relkind = 'r' AND relname IN ('people', 'tombstones_1', 'tables', 'quarantine', 'generations') AND attnum > 0
                AND atttypid = 'numeric'::regtype AND NOT attisdropped AND relnamespace IN ('cdc'::regnamespace, 'analytics'::regnamespace)
            """);
        Assert.Equal(TableState.Replicating, (await StatusAsync()).State);
    }

    [Fact]
    public async Task A_target_that_gets_soft_deletes_in_the_same_step_takes_the_new_form()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await MergeAsync(People);
        await NarrowAsync();

        await MergeAsync(People with { Deletes = DeleteMode.Soft });

        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_view_over_a_target_that_must_take_the_new_form_is_told()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await MergeAsync(People);
        await NarrowAsync();
        await Analytics.ExecuteAsync("CREATE VIEW analytics.v AS SELECT * FROM analytics.people");

        await AssertRefusedAsync(People, ErrorKind.BadDefinition, "such as views, merge, and create it again");
    }

    private Task NarrowAsync() =>
        Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER _cdc_version TYPE numeric(35,0) USING mod(_cdc_version, 1e35)");
}
