using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace CdcDms.Rules.Workflows;

/// <summary>What nobody can slip into a deployment by way of a workflow.</summary>
public class GithubWorkflowTests
{
    private const string OneEnvironment = "./.github/workflows/deploy-environment.yml";

    /// <summary>What builds, or runs what a package or the repository brings along.</summary>
    private static readonly Regex Builds = new(@"\b(dotnet|pipx?|python3?|make)\b|(^|\s)(\.ci/|\./dev\b|node )", RegexOptions.Multiline);

    private static readonly string[] Environments =
        [.. Directory.EnumerateFiles(Repository.Environments, "*.json").Select(Path.GetFileNameWithoutExtension)
            .OfType<string>().Where(name => !name.EndsWith(".schema", StringComparison.Ordinal))];

    [Fact]
    public void Each_action_is_pinned_by_its_commit() => Faults.AssertNone(
        from job in Job.All
        from action in job.Uses
        where !action.StartsWith("./", StringComparison.Ordinal) && !Regex.IsMatch(action, "^[^@]+@[0-9a-f]{40}$")
        select $"{job} uses {action}.");

    [Fact]
    public void No_checkout_leaves_its_credentials_behind() => Faults.AssertNone(
        from job in Job.All
        from step in job.Steps
        where step.Text("uses")?.StartsWith("actions/checkout@", StringComparison.Ordinal) == true
        where step.Child<YamlMappingNode>("with")?.Text("persist-credentials") != "false"
        select $"{job} checks out without persist-credentials: false.");

    [Fact]
    public void A_token_is_for_one_job_alone() => Faults.AssertNone(
        from workflow in Workflow.All
        where workflow.Root.Child<YamlMappingNode>("permissions") is not { } permissions || permissions.Text("id-token") is not null
        select $"{workflow.Path} gives all of its jobs a token, or does not say what they may do.");

    /// <summary>Whatever runs beside a token can have it: the script of any package, too.</summary>
    [Fact]
    public void A_job_that_may_have_a_token_builds_nothing()
    {
        var jobs = Job.All.Where(job => job.MayHaveToken).ToList();

        Assert.NotEmpty(jobs);
        Faults.AssertNone(
            from job in jobs
            from step in job.Steps
            where Builds.IsMatch(step.Text("run") ?? "") || step.Text("uses")?.Contains("setup-dotnet") == true || RunsScripts(step)
            select $"{job} builds, or runs scripts of packages: {step.Text("run") ?? step.Text("uses")}");
    }

    /// <summary>It runs code of the pull request over what a job with a token has fetched.</summary>
    [Fact]
    public void What_a_deployment_would_do_to_what_is_deployed_is_told_without_a_token()
    {
        var tells = Assert.Single(
            Workflow.Named("diff.yml").Jobs, job => job.Steps.Any(step => step.Text("run")?.StartsWith(".ci/deployed-diff ") == true));

        Assert.False(tells.MayHaveToken);
        Assert.Contains(Workflow.Named("diff.yml").Jobs, job => job.MayHaveToken && tells.Needs.Contains(job.Name)
            && job.Steps.Any(step => step.Text("run")?.Contains("get-template") == true));
    }

    [Fact]
    public void A_session_is_longer_than_its_job() => Faults.AssertNone(
        from job in Job.All
        from step in job.Steps
        where step.Text("uses")?.StartsWith("aws-actions/configure-aws-credentials@", StringComparison.Ordinal) == true
        let seconds = int.Parse(step.Child<YamlMappingNode>("with")?.Text("role-duration-seconds") ?? "3600")
        where seconds <= 60 * int.Parse(job.Node.Text("timeout-minutes")!)
        select $"{job} may take longer than its session of {seconds} seconds.");

    [Fact]
    public void A_deployment_waits_for_ci_and_for_the_environment_before()
    {
        var jobs = Workflow.Named("deploy.yml").Jobs.ToList();
        var deployments = jobs.Where(job => job.Uses.Contains(OneEnvironment)).ToList();
        var inOrder = deployments.Where(job => Environments.Contains(job.Name)).Select(job => job.Name).ToList();

        Assert.NotEmpty(inOrder);
        Assert.Equal("github.ref == 'refs/heads/main'", jobs.Single(job => job.Name == "ci").Node.Text("if"));
        Faults.AssertNone(
            from job in deployments
            let before = inOrder.IndexOf(job.Name) is > 0 and var index ? inOrder[index - 1] : "ci"
            where !job.Needs.Contains("ci") || !job.Needs.Contains(before)
            select $"{job} does not wait for ci and {before}.");
        Faults.AssertNone(
            from job in deployments
            let environment = job.Node.Child<YamlMappingNode>("with")?.Text("environment")
            where environment != "${{ inputs.environment }}" && (environment != job.Name || !Environments.Contains(environment))
            select $"{job} deploys {environment}, which is not an environment of its name.");
    }

    [Fact]
    public void No_list_names_the_environments() => Faults.AssertNone(
        from workflow in Workflow.All
        from list in workflow.Root.AllNodes.OfType<YamlSequenceNode>()
        from item in list.OfType<YamlScalarNode>()
        where Environments.Contains(item.Value)
        where !workflow.Jobs.Any(job => ReferenceEquals(job.Node.Child<YamlSequenceNode>("needs"), list))
        select $"{workflow.Path}:{item.Start.Line} lists the environment {item.Value}; a new one would be left out.");

    private static bool RunsScripts(YamlMappingNode step) =>
        (step.Text("run") ?? "").Split('\n').Any(line =>
            Regex.IsMatch(line, @"\bnpm\b") && !line.Contains("--ignore-scripts")
            || Regex.IsMatch(line, @"\bnpx\b") && !line.Contains("--no-install"));
}
