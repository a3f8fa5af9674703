using CdcDms.Infra.Policies;
using CdcDms.Infra.Stacks;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class AccountTests
{
    [Fact]
    public void The_template_is_what_its_snapshot_says() =>
        TemplateSnapshot.Check("cdcdms-account", SynthesizedEnvironment.AccountOf(new EnvironmentJson("dev")));

    [Fact]
    public void Environments_of_one_account_make_the_same_stack_of_it() =>
        Assert.Equal(
            SynthesizedEnvironment.AccountOf(new EnvironmentJson("dev")).ToJsonString(),
            SynthesizedEnvironment.AccountOf(new EnvironmentJson("prod").With("account", "111122223333")).ToJsonString());

    [Fact]
    public void It_keeps_every_policy() =>
        Assert.Empty(PolicyCheck.Violations(AccountStack.Name, SynthesizedEnvironment.AccountOf(new EnvironmentJson("dev"))));

    [Fact]
    public void Its_roles_outlive_it_but_not_a_failed_creation()
    {
        var roles = new TemplateResources(SynthesizedEnvironment.AccountOf(new EnvironmentJson("dev"))).OfType("AWS::IAM::Role");

        Assert.Equal(["dms-cloudwatch-logs-role", "dms-vpc-role"], roles.Select(role => role.Text("RoleName")).Order());
        Assert.All(roles, role => Assert.Equal("RetainExceptOnCreate", role.Json["DeletionPolicy"]!.GetValue<string>()));
    }
}
