using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CdcDms.Rules.Workflows;

/// <summary>
/// The findings of cdk-nag that may stay (<c>eng/nag/accepted.json</c>) each have a reason. That each is still found, the check says.
/// </summary>
public class AcceptedFindingTests
{
    private static readonly string[] Names = ["id", "rule", "resource", "reason"];

    private static readonly JsonArray Entries = JsonNode.Parse(ReadHouse.Tree.Read("eng/nag/accepted.json"))!.AsArray();

    [Fact]
    public void Each_has_its_reason_in_a_sentence() => Faults.AssertNone(
        from entry in Entries
        let reason = (string?)entry!["reason"] ?? ""
        where !entry!.AsObject().Select(property => property.Key).Where(name => name != "actions").SequenceEqual(Names)
            || !Regex.IsMatch(reason, @"^[A-Z].{40,}\.$") || reason.Contains("to be ", StringComparison.Ordinal)
        select $"{entry["id"]} does not say in a sentence why it may stay.");

    [Fact]
    public void Each_has_a_name_of_its_own() => Faults.AssertNone(
        from same in Entries.GroupBy(entry => (string)entry!["id"]!)
        where same.Count() > 1
        select $"{same.Key} stands there {same.Count()} times.");

    /// <summary>A rule or a stack that anything matches would accept what nobody has looked at.</summary>
    [Fact]
    public void Each_names_one_rule_and_a_kind_of_resource() => Faults.AssertNone(
        from entry in Entries
        let rule = (string)entry!["rule"]!
        let resource = (string)entry["resource"]!
        where !rule.StartsWith("AwsSolutions-", StringComparison.Ordinal)
            || Regex.IsMatch("AwsSolutions-XX1[Resource::any]", $"^(?:{rule})$")
            || Regex.IsMatch("cdcdms-any-any/Anything", $"^(?:{resource})$")
        select $"{entry["id"]} accepts too much.");
}
