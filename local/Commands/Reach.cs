using System.CommandLine;
using System.CommandLine.Parsing;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.Operations;
using CdcDms.Local.Remote;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Status;

namespace CdcDms.Local.Commands;

/// <summary>
/// How an operator's verb reaches databases and lake: where they are named, from this machine; or by an environment's name, through its
/// function. It is one of the two.
/// </summary>
internal static class Reach
{
    public static Option<string?> Environment { get; } = new("--env")
    {
        Description = "The environment on AWS, in place of everything that says where databases and lake are: its function does the work, "
            + "called with your AWS credentials. NAME.json stands in infra/Environments.",
        HelpName = "NAME",
    };

    public static Option<string?> Source { get; } = Optional(CommonOptions.Source);

    public static Option<string?> Target { get; } = Optional(CommonOptions.Target);

    public static Option<string?> Lake { get; } = Optional(CommonOptions.Lake);

    public static Option<string?> Tables { get; } = Optional(CommonOptions.Tables);

    /// <summary>Gives a verb both ways.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="needed">What must be named without an environment.</param>
    /// <param name="others">What else is of no use with an environment.</param>
    public static void Reaches(this Command command, Option[] needed, params Option[] others)
    {
        foreach (var option in (Option[])[Environment, .. needed, .. others])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Environment) is not null)
                RefuseBeside(result, [.. needed, .. others]);
            else if (needed.Where(option => !IsGiven(result, option)).ToList() is { Count: > 0 } missing)
                result.AddError($"Say where the databases are: by --env NAME, or by {Names(missing)}.");
        });
    }

    /// <summary>Refuses what says where something is that the environment reaches itself.</summary>
    public static void RefuseBeside(CommandResult result, IEnumerable<Option> options)
    {
        if (options.Where(option => IsGiven(result, option)).ToList() is { Count: > 0 } superfluous)
            result.AddError($"--env NAME reaches databases and lake by itself: leave out {Names(superfluous)}, or --env.");
    }

    /// <summary>The environment; null when databases are named.</summary>
    /// <exception cref="CdcDmsException">Its file cannot be used.</exception>
    public static OperatedEnvironment? OperatedEnvironment(this ParseResult parsed) =>
        parsed.GetValue<string?>(Environment.Name) is { } name ? Remote.OperatedEnvironment.Read(name) : null;

    /// <summary>Does what the verb asks for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="counts">Takes how far the counting of a table is, where that is known. Default: nobody does.</param>
    /// <exception cref="CdcDmsException">The environment's file cannot be used.</exception>
    public static IOperations Operations(this ParseResult parsed, IProgress<CountProgress>? counts = null) =>
        parsed.OperatedEnvironment() is { } environment
            ? new EnvironmentOperations(new AwsAccess(environment))
            : new ConnectedOperations(parsed.Places()) { Progress = counts };

    /// <summary>Proofs over the databases that the command line names, or of its environment.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="operations">Does what the proofs need.</param>
    /// <exception cref="CdcDmsException">The environment's file cannot be used, or an option has a wrong text.</exception>
    public static ProofFollowing Following(this ParseResult parsed, IOperations operations)
    {
        if (parsed.OperatedEnvironment() is { } environment)
            return new ProofFollowing(operations, () => new ScheduledMerges(environment.Name), Screen.Note);
        var places = parsed.Places();
        return new ProofFollowing(operations, () => new OwnMerges(places), Screen.Note);
    }

    /// <summary>The databases and the lake that the command line names.</summary>
    /// <exception cref="CdcDmsException">An option has a wrong text.</exception>
    public static ConnectedPlaces Places(this ParseResult parsed)
    {
        Task<TableList>? tables = null;
        return new ConnectedPlaces
        {
            Analytics = Text(parsed, Target) is null ? "the analytics database" : parsed.TargetName(),
            Source = Text(parsed, Source) is null ? null : parsed.SourceText(),
            Reader = Text(parsed, ProofOptions.ReadSource) is { } reader
                ? CommonOptions.Connection(reader, "by which the source is read") : null,
            Target = Text(parsed, Target) is null ? null : parsed.TargetText(),
            Lake = Text(parsed, Lake) is null ? null : parsed.LakeUri(),
            S3Endpoint = parsed.S3Uri(),
            // The file is read once: what a verb began with, it ends with.
            Tables = Text(parsed, Tables) is null ? null : cancellationToken => tables ??= parsed.TablesAsync(cancellationToken),
            FileSeconds = parsed.GetValue(ProofOptions.FileSeconds),
        };
    }

    /// <summary>
    /// The definitions, of the file or those that the environment was deployed with, and what they are called. Where this checkout has
    /// others than the deployment, a note says so.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="operations">Knows the definitions.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <param name="concerned">The tables that the verb works on. Default: all.</param>
    /// <exception cref="CdcDmsException">No definition can be used, or the environment does not answer.</exception>
    public static async Task<(TableList List, string Origin)> DefinedAsync(
        this ParseResult parsed, IOperations operations, CancellationToken cancellationToken, params IReadOnlyList<TableName> concerned)
    {
        if (parsed.OperatedEnvironment() is not { } environment)
            return (await operations.AskAsync(new TablesRequest(), cancellationToken), parsed.GetRequiredValue<string>(Tables.Name));
        var list = await DeployedAsync(environment, operations, cancellationToken);
        if (environment.Difference(list, concerned) is { } difference)
            Screen.Note(difference);
        return (list, $"{environment.Name} as deployed");
    }

    private static async Task<TableList> DeployedAsync(
        OperatedEnvironment environment, IOperations operations, CancellationToken cancellationToken)
    {
        try
        {
            return await operations.AskAsync(new TablesRequest(), cancellationToken);
        }
        catch (CdcDmsException refused) when (refused.Kind is ErrorKind.BadDefinition)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{environment.Name} does not tell its table definitions as this checkout asks for them. If the deployment is of another "
                + $"version, deploy, or use the checkout that was deployed. It says: {refused.Message}",
                refused);
        }
    }

    // Verbs have an option of their own or the shared one, by the same name; some have none.
    private static string? Text(ParseResult parsed, Option option) =>
        parsed.CommandResult.Command.Options.Any(one => one.Name == option.Name) ? parsed.GetValue<string?>(option.Name) : null;

    private static bool IsGiven(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private static string Names(IEnumerable<Option> options) => string.Join(" and ", options.Select(option => option.Name));

    private static Option<string?> Optional(Option<string> option) =>
        new(option.Name) { Description = option.Description, HelpName = option.HelpName };
}
