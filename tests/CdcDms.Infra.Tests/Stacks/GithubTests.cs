using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Infra.Policies;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class GithubTests
{
    private const string Boundary = "arn:aws:iam::222233334444:policy/boundaries/data";

    private static EnvironmentJson Json => new EnvironmentJson("dev")
        .With("governance.github", """{"repository":"octo-org/pipeline","createProvider":true}""");

    [Fact]
    public void The_template_is_what_its_snapshot_says() =>
        TemplateSnapshot.Check("cdcdms-dev-github", SynthesizedEnvironment.GithubOf(Json));

    [Fact]
    public void It_keeps_every_policy() =>
        Assert.Empty(PolicyCheck.Violations("cdcdms-dev-github", SynthesizedEnvironment.GithubOf(Json)));

    [Theory]
    [InlineData("Deploy", "dev", "deploy,file-publishing,lookup")]
    [InlineData("Diff", "dev-diff", "lookup")]
    public void A_role_is_for_one_GitHub_environment_and_some_roles_of_the_bootstrap(string role, string githubEnvironment, string roles)
    {
        var template = new TemplateResources(SynthesizedEnvironment.GithubOf(Json));
        var trust = Assert.Single(Role(template, role)["AssumeRolePolicyDocument"]!["Statement"]!.AsArray())!;
        var equal = trust["Condition"]!["StringEquals"]!;
        var may = Allowed(template, role, "sts:AssumeRole");

        Assert.Equal(
            ("sts:AssumeRoleWithWebIdentity", "sts.amazonaws.com", $"repo:octo-org/pipeline:environment:{githubEnvironment}"),
            (
                trust["Action"]!.GetValue<string>(),
                equal["token.actions.githubusercontent.com:aud"]!.GetValue<string>(),
                equal["token.actions.githubusercontent.com:sub"]!.GetValue<string>()));
        var resources = may["Resource"]!.ToJsonString();
        Assert.DoesNotContain("*", resources, StringComparison.Ordinal);
        Assert.Equal(roles.Split(','), new[] { "deploy", "file-publishing", "image-publishing", "lookup", "cfn-exec" }.Where(name =>
            resources.Contains($":role/cdk-hnb659fds-{name}-role-111122223333-eu-central-1", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_repository_whose_subject_has_numbers_is_trusted_by_that_subject_alone()
    {
        var json = Json.With("governance.github.subject", "repo:octo-org@123/pipeline@456");
        var trust = Role(new TemplateResources(SynthesizedEnvironment.GithubOf(json)), "Deploy").Text("AssumeRolePolicyDocument");

        Assert.Contains("\"repo:octo-org@123/pipeline@456:environment:dev\"", trust, StringComparison.Ordinal);
        Assert.DoesNotContain("repo:octo-org/pipeline", trust, StringComparison.Ordinal);
    }

    [Fact]
    public void The_role_of_the_diff_may_read_the_replications_template_and_no_other()
    {
        var template = new TemplateResources(SynthesizedEnvironment.GithubOf(Json));

        Assert.Equal(
            "arn:aws:cloudformation:eu-central-1:111122223333:stack/cdcdms-dev-replication/*",
            Allowed(template, "Diff", "cloudformation:GetTemplate")["Resource"]!.GetValue<string>());
    }

    [Fact]
    public void A_session_may_last_as_long_as_the_workflow_asks_for()
    {
        var template = new TemplateResources(SynthesizedEnvironment.GithubOf(Json));

        Assert.Contains(
            $"role-duration-seconds: {Role(template, "Deploy").Text("MaxSessionDuration")}\n",
            Repository.Read(".github", "workflows", "deploy-environment.yml"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_provider_that_is_there_already_is_used()
    {
        var template = new TemplateResources(SynthesizedEnvironment.GithubOf(Json.With("governance.github.createProvider", null)));

        Assert.Empty(template.OfType("AWS::IAM::OIDCProvider"));
        Assert.All(template.OfType("AWS::IAM::Role"), role => Assert.Contains(
            ":iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
            role.Text("AssumeRolePolicyDocument"),
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_provider_that_was_made_outlives_the_stack() =>
        Assert.Equal(
            "RetainExceptOnCreate",
            new TemplateResources(SynthesizedEnvironment.GithubOf(Json)).One("AWS::IAM::OIDCProvider").Json["DeletionPolicy"]!
                .GetValue<string>());

    [Fact]
    public void Its_roles_are_bounded_placed_and_tagged_as_all_others()
    {
        var roles = new TemplateResources(SynthesizedEnvironment.GithubOf(Json
            .With("governance.tags", """{"CostCenter":"4711"}""")
            .With("governance.permissionsBoundaryArn", Boundary)
            .With("governance.rolePath", "/data/"))).OfType("AWS::IAM::Role");

        Assert.Equal(2, roles.Count);
        Assert.All(roles, role => Assert.Equal((Boundary, "/data/"), (role.Text("PermissionsBoundary"), role.Text("Path"))));
        Assert.All(roles, role => Assert.Contains("4711", role.Text("Tags"), StringComparison.Ordinal));
    }

    [Fact]
    public void An_environment_without_a_repository_is_refused()
    {
        var fault = Assert.Throws<CdcDmsException>(() => SynthesizedEnvironment.GithubOf(new EnvironmentJson("dev")));

        Assert.StartsWith("dev.json $.governance.github: is missing", fault.Message, StringComparison.Ordinal);
    }

    private static JsonNode Allowed(TemplateResources template, string role, string action) =>
        Assert.Single(
            Assert.Single(template.OfType("AWS::IAM::Policy"), policy => policy.Id.StartsWith(role, StringComparison.Ordinal))
                ["PolicyDocument"]!["Statement"]!.AsArray(),
            statement => statement!["Action"]!.GetValue<string>() == action)!;

    private static TemplateResource Role(TemplateResources template, string id) =>
        Assert.Single(template.OfType("AWS::IAM::Role"), role => role.Id.StartsWith(id, StringComparison.Ordinal));
}
