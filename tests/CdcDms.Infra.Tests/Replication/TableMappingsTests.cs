using System.Text.Json.Nodes;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Replication;

namespace CdcDms.Infra.Tests.Replication;

public class TableMappingsTests
{
    private static readonly TableDefinition Customers = new() { Schema = "public", Name = "customers", Target = "analytics.customers" };
    private static readonly TableDefinition Quoted = new() { Schema = "Shop", Name = "Order \"Items\"", Target = "analytics.items" };

    [Fact]
    public void Every_table_and_the_marker_are_selected_by_name() =>
        Assert.Equal(
            ["cdcdms.marker", "public.customers", "Shop.Order \"Items\""],
            Rules(Customers, Quoted).Where(rule => Is(rule, "selection")).Select(Names));

    [Fact]
    public void An_underscore_of_a_name_is_no_wildcard() =>
        Assert.Equal(
            "sales[_]eu.order[_]items",
            Names(Rules(Customers with { Schema = "sales_eu", Name = "order_items" }).Last(rule => Is(rule, "selection"))));

    [Fact]
    public void A_column_that_is_left_out_never_reaches_the_lake()
    {
        var rules = Rules(Customers with { LeaveOut = ["ssn", "card_number"] }, Quoted);

        Assert.Equal(
            ["public.customers.ssn", "public.customers.card_number"],
            rules.Where(rule => rule["rule-action"]!.GetValue<string>() == "remove-column")
                .Select(rule => $"{Names(rule)}.{rule["object-locator"]!["column-name"]}"));
        Assert.Distinct(rules.Select(rule => rule["rule-id"]!.GetValue<string>()));
    }

    [Fact]
    public void A_table_with_large_values_has_a_size_of_its_own_under_its_plain_name()
    {
        var rule = Assert.Single(
            Rules(Customers with { Name = "order_items", LobKilobytes = 2048 }, Quoted),
            rule => Is(rule, "table-settings"));

        Assert.Equal("public.order_items", Names(rule));
        Assert.Equal("""{"mode":"limited","bulk-max-size":"2048"}""", rule["lob-settings"]!.ToJsonString());
    }

    [Fact]
    public void A_table_that_others_feed_is_not_captured() =>
        Assert.Equal(
            Rules(Customers).Select(rule => rule.ToJsonString()),
            Rules(Customers, Quoted with { Feed = new TableFeed { Prefix = "processed/items/" } }).Select(rule => rule.ToJsonString()));

    [Fact]
    public void The_change_version_is_added_to_every_table_as_text()
    {
        var rule = Assert.Single(Rules(Customers), rule => Does(rule, "add-column"));

        Assert.Equal("cdc_change_seq", rule["value"]!.GetValue<string>());
        Assert.Equal("$AR_H_CHANGE_SEQ", rule["expression"]!.GetValue<string>());
        Assert.Equal("""{"type":"string","length":50}""", rule["data-type"]!.ToJsonString());
    }

    [Fact]
    public void A_table_added_at_the_end_changes_no_other_rule() =>
        Assert.Equal(
            Rules(Customers).Select(rule => rule.ToJsonString()),
            Rules(Customers, Quoted).SkipLast(2).Select(rule => rule.ToJsonString()));

    [Fact]
    public void The_old_key_of_a_changed_one_is_told_by_every_table_that_is_captured()
    {
        var rules = Rules(Customers, Quoted).Where(rule => Does(rule, "add-before-image-columns")).ToList();

        Assert.Equal(["public.customers", "Shop.Order \"Items\""], rules.Select(Names));
        Assert.All(rules, rule => Assert.Equal(
            """{"column-prefix":"BI_","column-suffix":"","column-filter":"pk-only"}""", rule["before-image-def"]!.ToJsonString()));
    }

    [Fact]
    public void A_stream_gets_the_rows_of_every_table_and_of_the_marker_spread_by_their_keys()
    {
        var tables = new[] { Customers, Quoted with { Name = "order_items" }, Quoted with { Feed = new TableFeed { Prefix = "items/" } } };
        var rules = Rules(new StreamRoute { Shards = null, RetentionHours = 24 }, tables);
        var spread = rules.Where(rule => Is(rule, "object-mapping")).ToList();

        Assert.Equal(["cdcdms.marker", "public.customers", "Shop.order_items"], spread.Select(Names));
        Assert.All(spread, rule =>
        {
            Assert.Equal("""{"partition-key-type":"primary-key"}""", rule["mapping-parameters"]!.ToJsonString());
            Assert.Equal("map-record-to-record", rule["rule-action"]!.GetValue<string>());
        });
        Assert.Distinct(rules.Select(rule => rule["rule-id"]!.GetValue<string>()));
        Assert.DoesNotContain(Rules(tables), rule => Is(rule, "object-mapping"));
        Assert.DoesNotContain(rules, rule => Does(rule, "add-before-image-columns"));
    }

    [Fact]
    public void Rule_ids_are_unique() =>
        Assert.Distinct(Rules(Customers, Quoted).Select(rule => rule["rule-id"]!.GetValue<string>()));

    private static string Names(JsonNode rule) => $"{rule["object-locator"]!["schema-name"]}.{rule["object-locator"]!["table-name"]}";

    private static bool Does(JsonNode rule, string action) => rule["rule-action"]?.GetValue<string>() == action;

    private static bool Is(JsonNode rule, string type) => rule["rule-type"]!.GetValue<string>() == type;

    private static IReadOnlyList<JsonNode> Rules(params TableDefinition[] tables) => Rules(new DirectRoute(), tables);

    private static IReadOnlyList<JsonNode> Rules(ReplicationRoute route, params TableDefinition[] tables) =>
        [.. JsonNode.Parse(TableMappings.Json(tables, route))!["rules"]!.AsArray().Select(rule => rule!)];
}
