using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>
/// Looks, before anything is captured or merged, for everything in the two databases that makes DMS, the local capture or the merge stop or
/// lose something. It changes nothing. Each connection is that of the role whose rights are checked.
/// </summary>
/// <param name="sourceConnection">Connection string of the source, as the role of DMS.</param>
/// <param name="targetConnection">Connection string of the analytics database, as the role of the merge; null to leave it out.</param>
/// <param name="settings">The task that is to run.</param>
/// <param name="readConnection">
/// Connection string by which rows are read for proofs, of a replica or another role; null when it is that of the source.
/// </param>
public sealed class PreflightJob(
    string sourceConnection, string? targetConnection, PreflightSettings settings, string? readConnection = null)
{
    /// <summary>Runs all checks.</summary>
    /// <param name="list">The tables; a definition that is wrong is a finding.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="CdcDmsException">A database cannot be used at all.</exception>
    public async Task<PreflightReport> RunAsync(TableList list, CancellationToken cancellationToken)
    {
        var definitions = list.Tables;
        // A feed has no table at the source.
        var captured = definitions.Where(definition => definition.Feed is null).ToList();
        await using var source = await Database.OpenAsync(sourceConnection, "source", cancellationToken);
        var (state, findings) = await ToldAsync(
            "The source was not checked",
            async () =>
            {
                var found = await SourceState.ReadAsync(source, captured, settings, cancellationToken);
                return (found, SourceChecks.All.SelectMany(check => check.Of(found)).ToList());
            });
        if (readConnection is not null)
        {
            await using var reader = await Database.OpenAsync(readConnection, "source", cancellationToken);
            findings.AddRange(await ToldAsync(
                "The connection by which rows are read for proofs was not checked",
                () => ReaderChecks.RunAsync(source, reader, state, cancellationToken)));
        }

        if (targetConnection is not null)
        {
            await using var target = await Database.OpenAsync(targetConnection, "analytics", cancellationToken);
            findings.AddRange(await ToldAsync(
                "The analytics database was not checked",
                () => TargetChecks.RunAsync(source, target, definitions, state, cancellationToken)));
        }

        return new PreflightReport
        {
            Findings = [.. list.Faults.Select(OfDefinition), .. findings],
            Source = CheckedPlace.Of(sourceConnection, state.Server.Role),
            Target = targetConnection is null ? null : CheckedPlace.Of(targetConnection, role: null),
        };
    }

    private static Finding OfDefinition(TableFault fault) =>
        Finding.WithoutSql(FindingSeverity.Blocks, fault.Message, "Correct the definition.") with
        {
            Check = "definition",
            Table = fault.Table,
        };

    private static async Task<T> ToldAsync<T>(string failure, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, failure);
        }
    }
}

/// <summary>What the checks found.</summary>
public sealed record PreflightReport
{
    /// <summary>The findings, in the order of the checks; those of the source first.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>The source.</summary>
    public required CheckedPlace Source { get; init; }

    /// <summary>The analytics database; null when it was left out.</summary>
    public required CheckedPlace? Target { get; init; }

    /// <summary>Whether nothing stops the pipeline or loses anything. Warnings are allowed.</summary>
    public bool IsClean => Findings.All(finding => finding.Severity is FindingSeverity.Warns);
}

/// <summary>A database that was looked at.</summary>
/// <param name="Host">Its host.</param>
/// <param name="Port">Its TCP port.</param>
/// <param name="Database">Its name.</param>
/// <param name="Role">The role whose rights were checked, as a statement needs it.</param>
public sealed record CheckedPlace(string Host, int Port, string Database, string Role)
{
    internal static CheckedPlace Of(string connection, string? role)
    {
        var text = new NpgsqlConnectionStringBuilder(connection);
        var user = text.Username ?? "";
        return new CheckedPlace(text.Host ?? "", text.Port, text.Database ?? user, role ?? Sql.Identifier(user));
    }
}
