using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Tests.Tables;

public class TableDefinitionsTests
{
    private static readonly string Long = new('a', 64);
    private static readonly string LongInBytes = new('ä', 32);

    private static readonly TableDefinition People = new() { Schema = "public", Name = "people", Target = "analytics.people" };

    public static TheoryData<TableDefinition, string> Wrong => new()
    {
        { People with { Name = "" }, "a definition has an empty schema or name" },
        { People with { Name = "a/b" }, "public.a/b cannot be captured: schema and table name the lake's folders" },
        { People with { Schema = ".." }, "cannot be captured: schema and table name the lake's folders" },
        { People with { Name = Long }, $"public.{Long} cannot be a table of PostgreSQL, since '{Long}' has 64 bytes" },
        { People with { Name = "a\0" }, "since no name of PostgreSQL can have a character U+0000" },
        { People with { Columns = [To("a", "b\0")] }, "which has a character U+0000, which no name of PostgreSQL can have" },
        { People with { Target = "people" }, "public.people has the target 'people', which is not a table name" },
        { People with { Target = $"analytics.{LongInBytes}" }, $"since '{LongInBytes}' has 64 bytes, and a name of PostgreSQL at most 63" },
        { People with { Target = "cdc.people" }, "public.people has the target cdc.people, and the schema cdc is the ledger's" },
        { People with { Key = [] }, "public.people has an empty key" },
        { People with { Key = ["id", "id"] }, "public.people has id 2 times in its key" },
        { People with { TombstoneRetentionDays = 0 }, "public.people keeps tombstones for 0 days" },
        { People with { LeaveOut = ["id"], Key = ["id"] }, "public.people leaves out id, which is in its key or columns" },
        { Columns("id", "name") with { Key = ["no"] }, "public.people has no in its key but not among its columns" },
        { People with { Columns = [To("a", "x"), To("b", "x")] }, "public.people maps 2 columns to x" },
        { People with { Columns = [To("a", "x"), To("a", "y")] }, "public.people maps its column a to 2 columns" },
        { People with { Columns = [To("a", Long)] }, $"public.people maps a to {Long}, which has 64 bytes" },
        { People with { Columns = [To("a", "")] }, "public.people maps a to , which is an empty name" },
        { People with { Columns = [To("a", "xmin")] }, "public.people maps a to xmin, which is the name of a system column" },
        { People with { Columns = [To("a", "_cdc_version")] }, "which is a name that the pipeline keeps for itself" },
        { Columns("op"), "public.people has a column op, which is a name that the change files keep for themselves" },
        { Columns("CDC_change_seq"), "has a column CDC_change_seq, which is a name that the change files keep for themselves" },
        { Columns("Id", "id"), "public.people has columns whose names differ only by case (Id, id)" },
        { MarkerTable.Definition with { Target = "analytics.marker" }, "cdcdms.marker is the pipeline's own and is captured by itself" },
        { People with { Name = "awsdms_status" }, "public.awsdms_status has the name of a table of DMS's own" },
        { Wide(1595), "public.people has 1595 columns, which with 6 of the pipeline's own are more than a table" },
    };

    public static TheoryData<TableDefinition> Right => new()
    {
        People,
        Columns("id", "oid", "OP2", new string('ä', 31)) with { Key = ["id"] },
        Wide(1594) with { Deletes = DeleteMode.Soft, LobUpdates = LobUpdates.KeepOnNull },
        People with { Name = "a/b", Feed = new TableFeed { Prefix = "processed/" }, Columns = [To("op", "op")] },
        People with { Name = "a/b", Feed = new TableFeed { Prefix = "processed/" }, Columns = [To("Op", "Op")] },
        People with { Name = "awsdms_status", Feed = new TableFeed { Prefix = "processed/" } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_definition_that_cannot_work_is_refused_before_anything_is_done(TableDefinition table, string says) =>
        Assert.Contains(says, Assert.Single(TableDefinitions.FaultsOf(table)), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Right))]
    public void What_can_work_is_not_refused(TableDefinition table) => Assert.Empty(TableDefinitions.FaultsOf(table));

    [Fact]
    public void Two_definitions_that_get_in_each_others_way_are_bad_and_the_others_are_not()
    {
        var list = TableDefinitions.Judge(
            [
                People, People with { Name = "others" }, People with { Name = "good", Target = "analytics.good" },
                People with { Name = "bad", Target = "bad", Key = [] },
                People with { Name = "twice", Target = "a.x" }, People with { Name = "twice", Target = "a.y" },
            ],
            "file");

        Assert.Equal(["public.good"], list.Tables.Select(table => table.Source.ToString()));
        Assert.Equal(
            [
                "file: public.people and public.others have the same target analytics.people.",
                "file: public.people and public.others have the same target analytics.people.",
                "file: public.bad has the target 'bad', which is not a table name: write it as schema.name; "
                    + "public.bad has an empty key; leave it out to use the primary key.",
                "file: public.twice is defined more than once.",
                "file: public.twice is defined more than once.",
            ],
            list.Faults.Select(fault => fault.Message));
    }

    [Fact]
    public void Every_fault_of_every_definition_is_told_in_one_run_with_its_place()
    {
        var list = ContractJson.ReadTables(
            """
            [
                {"schema": "public", "name": "good", "target": "analytics.good"}, // the only good one
                {"schema": "public", "name": "wrong", "target": "wrong", "keys": ["id"], "deletes": "sotf", "tombstoneRetentionDays": 1.5,
                    "source": "x", "leaveOut": "a", "columns": [{"from": "a", "to": null}, {"from": "b"}, "c"]},
                {"schema": "public", "name": "wrong", "name": "wrong", "target": "a.x", "feed": {"prefix": "/", "by": "t"}, "key": [null]},
                {"name": "less", "target": "analytics.less", "key": []},
                null,
            ]
            """,
            "tables.json");

        const string There = "there is no such property; there are schema, name, target, key, deletes, columns, leaveOut, newColumns, "
            + "lobUpdates, lobKilobytes, badRows, ordering, tombstoneRetentionDays, feed.";
        Assert.Equal(["public.good"], list.Tables.Select(table => table.Source.ToString()));
        Assert.Equal(["public.wrong", "public.wrong", "[3]", "[4]"], list.Faults.Select(fault => fault.Table));
        Assert.Equal(
            [
                $"tables.json[1].keys: {There}",
                "tables.json[1].deletes: must be one of hard, soft.",
                "tables.json[1].tombstoneRetentionDays: must be a whole number.",
                $"tables.json[1].source: {There}",
                "tables.json[1].leaveOut: must be a list.",
                "tables.json[1].columns[0].to: must not be null.",
                "tables.json[1].columns[1]: 'to' is missing.",
                "tables.json[1].columns[2]: must be an object.",
                "tables.json[1]: public.wrong has the target 'wrong', which is not a table name: write it as schema.name; "
                    + "public.wrong is defined more than once.",
                "tables.json[2].name: stands there more than once.",
                "tables.json[2].feed.by: there is no such property; there are prefix, orderBy.",
                "tables.json[2].key[0]: must not be null.",
                "tables.json[2]: public.wrong is defined more than once.",
                "tables.json[3]: 'schema' is missing.",
                "tables.json[3]: [3].less has an empty key; leave it out to use the primary key.",
                "tables.json[4]: must be an object.",
            ],
            list.Faults.SelectMany(fault => fault.Message.Split('\n')));
    }

    [Theory]
    [InlineData("[\n{]", "tables.json is not a list of table definitions: in line 2 at byte 2, ")]
    [InlineData("{}", "tables.json is not a list of table definitions: it must be an array")]
    [InlineData("[]", "tables.json holds no table definition.")]
    [InlineData("[1]", "tables.json[0]: must be an object")]
    public void A_list_of_which_nothing_can_be_used_is_an_error(string json, string says)
    {
        var fault = Assert.Throws<CdcDmsException>(() => ContractJson.ReadTables(json, "tables.json"));

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.StartsWith(says, fault.Message, StringComparison.Ordinal);
    }

    private static ColumnMapping To(string from, string to) => new() { From = from, To = to, Type = "text" };

    private static TableDefinition Columns(params string[] names) => People with { Columns = [.. names.Select(name => To(name, name))] };

    private static TableDefinition Wide(int columns) => Columns([.. Enumerable.Range(0, columns).Select(n => $"c{n}")]);
}
