using CdcDms.Contract.Tables;
using CdcDms.Infra.Lake;

namespace CdcDms.Infra.Tests.Lake;

public class CatalogueContentTests
{
    [Fact]
    public void A_table_has_the_columns_of_its_files_with_their_types()
    {
        var table = Assert.Single(new CatalogueContent([Table("Shop", "Order-Items", "Id bigint", "name text")]).Tables);

        Assert.Equal("shop_order_items", table.Name);
        Assert.Equal(
            "Op string, cdc_timestamp string, cdc_change_seq string, Id bigint, name string, BI_Id bigint",
            string.Join(", ", table.FileColumns.Select(column => $"{column.Name} {column.Type}")));
    }

    [Fact]
    public void Tables_without_columns_or_types_are_told_in_one_sentence()
    {
        var table = Table("public", "a", "id bigint");
        var content = new CatalogueContent(
        [
            table with { Columns = null }, table with { Name = "b", Columns = [new ColumnMapping { From = "id", To = "id" }] },
            table with { Name = "fed", Feed = new TableFeed { Prefix = "in" } },
        ]);

        Assert.Empty(content.Tables);
        Assert.Equal(
            ["The lake's catalogue has no table for public.a, public.b, since the definitions do not list \"columns\" with their \"type\", "
                + "as describe writes them."],
            content.Missing);
    }

    [Theory]
    [InlineData("a", "b_c")]
    [InlineData("a_b", "c_now")]
    [InlineData("a_b", "c_by_day")]
    [InlineData("a_b", "c ")]
    public void Of_tables_whose_names_would_be_alike_the_catalogue_has_the_first(string schema, string name)
    {
        var content = new CatalogueContent([Table("a_b", name == "c " ? "c_" : "c", "id bigint"), Table(schema, name, "id bigint")]);

        Assert.Equal("a_b", Assert.Single(content.Tables).Source.Schema);
        Assert.Equal(
            [$"The lake's catalogue has no table for {schema}.{name}, since another table has the name there that it would have."],
            content.Missing);
    }

    [Fact]
    public void No_table_takes_the_name_of_the_markers() =>
        Assert.Empty(new CatalogueContent([Table("CDCDMS", "marker", "id bigint")]).Tables);

    [Theory]
    [InlineData("ID")]
    [InlineData("op")]
    [InlineData("bi_id")]
    [InlineData("CDC_Generation")]
    [InlineData("cdc_day")]
    public void A_table_with_columns_that_Athena_would_not_tell_apart_is_told(string column)
    {
        var content = new CatalogueContent([Table("public", "a", "id bigint", $"{column} text")]);

        Assert.Empty(content.Tables);
        Assert.Contains("names of columns in the files differ by case alone", Assert.Single(content.Missing), StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_of_day_is_left_out_and_told_and_a_key_of_one_is_none()
    {
        var content = new CatalogueContent([Table("public", "a", "id time", "name text")]);

        var table = Assert.Single(content.Tables);
        Assert.Equal(["name"], table.Columns.Select(column => column.Name));
        Assert.Null(table.Key);
        Assert.Equal(["The lake's catalogue has no column for public.a.id, since it has no type for a time of day."], content.Missing);
    }

    private static TableDefinition Table(string schema, string name, params string[] columns) => new()
    {
        Schema = schema,
        Name = name,
        Target = $"analytics.{name}",
        Key = [columns[0].Split(' ')[0]],
        Columns = [.. columns.Select(column => column.Split(' ')).Select(parts =>
            new ColumnMapping { From = parts[0], To = parts[0], Type = parts[1] })],
    };
}
