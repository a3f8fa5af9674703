using Amazon.CDK;
using Amazon.CDK.AWS.Athena;
using CdcDms.Contract.Tables;
using Constructs;

namespace CdcDms.Infra.Lake;

/// <summary>What the queries need.</summary>
internal sealed record LakeQueriesProps
{
    /// <summary>The workgroup in which they are saved.</summary>
    public required CfnWorkGroup WorkGroup { get; init; }

    /// <summary>The tables of the catalogue. Those without a key have no queries, which synthesis tells.</summary>
    public required CatalogueContent Content { get; init; }

    /// <summary>The database of the catalogue.</summary>
    public required string DatabaseName { get; init; }
}

/// <summary>Saved queries of each table: how it stands in the lake, and a view of its rows as they are.</summary>
internal sealed class LakeQueries : Construct
{
    // Of a query's name (AWS: AWS::Athena::NamedQuery).
    private const int MostLetters = 128;

    public LakeQueries(Construct scope, string id, LakeQueriesProps props)
        : base(scope, id)
    {
        foreach (var table in props.Content.Tables.Where(table => table.Key is not null))
        {
            var sql = new LakeSql(table, CatalogueContent.Markers, props.DatabaseName);
            Save(props, table, "status", "Rows, newest change and newest marker in the lake", sql.Status);
            Save(props, table, "view", "Makes a view of the rows as they are; run it once, and after a change of columns", sql.View);
        }

        // Not by the row as a whole: an update makes another row of it, and a delete has the key alone.
        var without = props.Content.Tables.Where(table => table.Key is null).Select(table => table.Source.ToString()).ToList();
        if (without.Count > 0)
            Annotations.Of(this).AddInfo(
                $"The lake gets no saved queries for {string.Join(", ", without)}, since the definitions name no \"key\", by which the "
                + "newest change of a row is found; add it for a query of the table's state and a view of its rows.");
    }

    private void Save(LakeQueriesProps props, CataloguedTable table, string kind, string description, string sql)
    {
        var query = new CfnNamedQuery(this, $"{table.ConstructId}-{kind}", new CfnNamedQueryProps
        {
            Name = NameOf(table.Source, kind, table.ConstructId),
            Description = description,
            Database = props.DatabaseName,
            WorkGroup = props.WorkGroup.Name,
            QueryString = sql,
        });
        query.AddDependency(props.WorkGroup);
    }

    // Two long names of PostgreSQL are more than Athena takes: then the end is the hash.
    private static string NameOf(TableName table, string kind, string hash)
    {
        var name = $"{table} {kind}";
        return name.Length <= MostLetters ? name : $"{name[..(MostLetters - hash.Length - kind.Length - 2)]} {hash} {kind}";
    }
}
