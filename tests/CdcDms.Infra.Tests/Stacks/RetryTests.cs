using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>
/// A deploy that failed, or an environment that was destroyed, is deployed again: nothing that is left over is in the way.
/// </summary>
public class RetryTests
{
    public static TheoryData<string> Environments => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Environments))]
    public void Nothing_that_is_kept_has_a_fixed_name(string name) =>
        Assert.Empty(SynthesizedEnvironment.Of(name).AllResources().SelectMany(KeptNames));

    [Fact]
    public void Nothing_that_is_kept_of_databases_of_our_own_has_a_fixed_name() =>
        Assert.Empty(SynthesizedEnvironment.Of(new EnvironmentJson("sandbox").With("keepData", true)).AllResources().SelectMany(KeptNames));

    [Theory]
    [MemberData(nameof(Environments))]
    public void What_a_failed_creation_made_goes_with_it(string name) =>
        Assert.DoesNotContain(
            SynthesizedEnvironment.Of(name).AllResources(),
            resource => resource.Json["DeletionPolicy"]?.GetValue<string>() == "Retain");

    [Theory]
    [MemberData(nameof(Environments))]
    public void A_stack_can_be_deleted_unless_the_file_says_otherwise(string name) =>
        Assert.DoesNotContain("\"terminationProtection\": true", SynthesizedEnvironment.Of(name).Manifest, StringComparison.Ordinal);

    [Fact]
    public void Protection_against_deletion_is_for_every_stack()
    {
        var prod = SynthesizedEnvironment.Of(new EnvironmentJson("prod").With("terminationProtection", true));

        Assert.Equal(
            prod.Templates.Count,
            prod.Manifest.Split("\"terminationProtection\": true").Length - 1);
    }

    [Fact]
    public void A_kept_resource_with_a_name_would_be_found() =>
        Assert.Equal(["Log.LogGroupName"], KeptNames(new TemplateResource("Log", JsonNode.Parse(
            """
            {"Type":"AWS::Logs::LogGroup","DeletionPolicy":"RetainExceptOnCreate","Properties":{"LogGroupName":"/aws/x"}}
            """)!.AsObject())));

    // A physical name is literal when no part of it comes from the stack that makes the resource.
    private static IEnumerable<string> KeptNames(TemplateResource resource) =>
        resource.Json["DeletionPolicy"]?.GetValue<string>() is null or "Delete"
            ? []
            : from property in resource.Json["Properties"]?.AsObject() ?? []
              where property.Key.EndsWith("Name", StringComparison.Ordinal) || property.Key.EndsWith("Identifier", StringComparison.Ordinal)
              where property.Value is JsonValue
              where property.Key is not "DBName" and not "DBParameterGroupName" and not "DBSubnetGroupName"
              select $"{resource.Id}.{property.Key}";
}
