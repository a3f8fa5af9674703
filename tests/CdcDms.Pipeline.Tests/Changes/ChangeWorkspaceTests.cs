using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Tests.Changes;

public sealed class ChangeWorkspaceTests
{
    private static readonly FetchedFile Unreadable = new(
        new LakeObject("public/orders/20260102.parquet", "etag", DateTime.UnixEpoch, Bytes: 1),
        typeof(ChangeWorkspaceTests).Assembly.Location);

    [Fact]
    public void A_lack_of_memory_is_no_fault_of_the_files()
    {
        using var workspace = new ChangeWorkspace(memoryMegabytes: 1);
        workspace.Connection.Execute("SET temp_directory = ''");
        var fault = Assert.Throws<DuckDbException>(
            () => workspace.Connection.Execute("CREATE TABLE t AS SELECT random() AS r FROM range(10_000_000) ORDER BY r"));

        var told = Assert.IsType<CdcDmsException>(workspace.Explain([Unreadable], fault));

        Assert.Equal(ErrorKind.Unavailable, told.Kind);
        Assert.StartsWith("public/orders/20260102.parquet needs more memory than the merge has (", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_no_fault_of_the_files()
    {
        using var workspace = new ChangeWorkspace(memoryMegabytes: 64);
        var fault = Assert.Throws<DuckDbException>(
            () => workspace.Connection.Execute("COPY (SELECT range FROM range(100000)) TO '/dev/full' (FORMAT csv)"));

        var told = Assert.IsType<CdcDmsException>(workspace.Explain([Unreadable], fault));

        Assert.Equal(ErrorKind.Unavailable, told.Kind);
        Assert.StartsWith(
            "public/orders/20260102.parquet needs more temporary storage than the merge has (", told.Message, StringComparison.Ordinal);
        Assert.True(Exhaustion.Is(told));
    }

    [Fact]
    public void Any_other_fault_rejects_the_files_that_cannot_be_read_alone()
    {
        using var workspace = new ChangeWorkspace(memoryMegabytes: 64);
        var fault = Assert.Throws<DuckDbException>(() => workspace.Connection.Execute("SELECT 'x'::INT"));

        var rejected = Assert.IsType<RejectedFilesException>(workspace.Explain([Unreadable], fault));

        Assert.Equal(Unreadable.Object, Assert.Single(rejected.Files).Object);
    }

    [Fact]
    public void Neighbours_with_the_same_columns_in_any_order_are_one_group()
    {
        using var workspace = new ChangeWorkspace(memoryMegabytes: 64);
        using var folder = WorkFolder.Create();
        string[] selects =
        [
            "SELECT 1 AS id, 'ada' AS name", "SELECT 'bob' AS name, range::INTEGER AS id FROM range(3)",
            "SELECT 4::BIGINT AS id, 'x' AS name",
        ];
        var files = selects.Select((select, number) => Written(workspace, Path.Combine(folder.Path, $"{number}.parquet"), select)).ToList();

        var groups = workspace.GroupByColumns(files, new ExpectedFiles(new LakeUri("lake", ""), "", Target, new ChangeKind.Snapshot()));

        Assert.Equal([[1L, 3L], [1L]], groups.Select(group => group.Rows));
        Assert.Equal(files, groups.SelectMany(group => group.Files));
    }

    private static TargetTable Target { get; } = new(
        new TableName("analytics", "people"),
        [
            new TargetColumn("id", "id", "bigint", IsKey: true, KeyIsPlain: true, Collate: "", NullMayMeanUnchanged: false)
            {
                CastType = "bigint", Modifier = -1, Default = TargetColumn.NoDefault, IsAlwaysIdentity = false, TypeIsGiven = false,
            },
        ])
    {
        SoftDeletes = false,
        HasRegisters = false,
        HasNarrowVersions = false,
        IsPartitioned = false,
        KnownNames = new HashSet<string> { "id" },
    };

    private static FetchedFile Written(ChangeWorkspace workspace, string path, string select)
    {
        workspace.Connection.Execute($"COPY ({select}) TO {DuckDbSql.Literal(path)} (FORMAT parquet)");
        return Unreadable with { Path = path };
    }
}
