using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Replication;

namespace CdcDms.Infra.Tests.Replication;

/// <summary>
/// The mapping rules under the grammar of DMS's wildcards (docs/dms-contract.md#table-mappings): <c>%</c> is any text, <c>_</c> any one
/// character, <c>[…]</c> one of the characters within.
/// </summary>
public class WildcardTests
{
    private const string Characters = "aA_-\".";

    // Every name of up to four characters: each has siblings that differ in one place from it.
    private static readonly List<string> Names = [.. Enumerable.Range(1, 4).SelectMany(OfLength)];

    [Fact]
    public void A_rule_matches_its_own_table_and_no_other()
    {
        foreach (var name in Names.Where(name => name.Length is 1 or 3))
            Assert.All(
                Locators(new TableDefinition { Schema = name, Name = name, Target = "analytics.things", LeaveOut = ["secret"] }),
                locator =>
                {
                    Assert.Equal([name], Names.Where(other => Matches(locator["schema-name"]!, other)));
                    Assert.Equal([name], Names.Where(other => Matches(locator["table-name"]!, other)));
                });
    }

    [Fact]
    public void A_name_that_is_not_escaped_would_match_others() =>
        Assert.Equal(Characters.Length, Names.Count(other => Matches(JsonValue.Create("a_a"), other)));

    private static IEnumerable<string> OfLength(int length) =>
        length == 0 ? [""] : OfLength(length - 1).SelectMany(start => Characters.Select(next => start + next));

    // Those of the table itself: selection, before images, the column left out.
    private static List<JsonObject> Locators(TableDefinition table)
    {
        var locators = JsonNode.Parse(TableMappings.Json([table], new DirectRoute()))!["rules"]!.AsArray()
            .Skip(2).Select(rule => rule!["object-locator"]!.AsObject()).ToList();
        Assert.Equal(3, locators.Count);
        return locators;
    }

    private static bool Matches(JsonNode pattern, string name) => Regex.IsMatch(
        name,
        "^" + Regex.Replace(pattern.GetValue<string>(), @"%|_|\[[^\]]*\]|.", part => part.Value switch
        {
            "%" => ".*",
            "_" => ".",
            ['[', .. var choices, ']'] => $"[{Regex.Escape(choices)}]",
            var literal => Regex.Escape(literal),
        }) + "$",
        RegexOptions.CultureInvariant | RegexOptions.Singleline);
}
