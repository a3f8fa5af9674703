using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using Npgsql;

namespace CdcDms.Pipeline.Health;

/// <summary>
/// Looks at every station of the way, and tells what is wrong. It reads no row of a table, lists only those folders of the lake that may
/// have new files, and changes nothing. What cannot be looked at is a finding, and keeps nothing else from being looked at.
/// </summary>
/// <param name="places">Where it looks.</param>
/// <param name="limits">From which values on something is told.</param>
/// <param name="time">Tells how old things are; the system's clock when null.</param>
public sealed class HealthJob(HealthPlaces places, HealthLimits limits, TimeProvider? time = null)
{
    /// <summary>The section of docs/runbook.md for what could not be looked at.</summary>
    public const string NotLookedAt = "health-missing";

    private readonly List<HealthFinding> _away = [];
    private readonly DateTime _now = (time ?? TimeProvider.System).GetUtcNow().UtcDateTime;

    /// <summary>Looks once.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="CdcDmsException">A database refused a password that is read anew (<see cref="HealthPlaces"/>).</exception>
    public async Task<HealthReport> RunAsync(IReadOnlyList<TableDefinition> tables, CancellationToken cancellationToken)
    {
        var replication = await LookAsync("The replication", () => Task.FromResult(places.Replication?.Invoke()));
        var source = await LookAsync("The source", async () =>
            await SourceReading.ReadAsync(await places.SourceAsync(cancellationToken), cancellationToken));
        var reading = new TableReading(places.Lake, _now);
        var analytics = await LookAsync("The ledger", async () =>
            await reading.ReadAsync(tables, await places.TargetAsync(cancellationToken), cancellationToken));
        if (reading.LakeFault is { } fault)
            _away.Add(Away("The lake", fault));
        // A lake that did not answer is told once.
        var rejects = reading.LakeFault is not null ? null : await LookAsync(
            "The lake", () => RejectsReading.ReadAsync(places.Lake, cancellationToken));
        var certificates = await LookAsync("The certificates", () => Task.FromResult(places.Certificates?.Invoke()));
        var secrets = new List<SecretHealth?>();
        foreach (var lookAsync in places.Secrets)
            secrets.Add(await LookAsync("The age of a secret", async () => await lookAsync(cancellationToken), AgeNotKnown));

        var facts = new HealthFacts(_now, limits)
        {
            Replication = replication,
            Source = source,
            Analytics = analytics,
            Rejects = rejects,
            Certificates = certificates ?? [],
            Secrets = [.. secrets.OfType<SecretHealth>()],
        };
        return new HealthReport
        {
            CheckedUtc = _now,
            Findings = [.. _away.Concat(HealthRules.Of(facts)).OrderBy(finding => finding.Severity).ThenBy(finding => finding.Table)],
            Counts = analytics?.Counts(facts),
            Replication = replication,
            Source = source,
            Rejects = rejects,
            Certificates = facts.Certificates,
            Secrets = facts.Secrets,
            Tables = analytics is null ? [] : [.. analytics.Tables.Select(table => table.Health(facts))],
        };
    }

    private async Task<T?> LookAsync<T>(
        string place, Func<Task<T?>> look, Func<string, CdcDmsException, HealthFinding>? away = null) where T : class
    {
        try
        {
            return await look();
        }
        catch (CdcDmsException fault) when (!IsReadAnew(fault))
        {
            _away.Add((away ?? Away)(place, fault));
            return null;
        }
    }

    // A password that was rotated a moment ago is nothing wrong.
    private bool IsReadAnew(CdcDmsException fault) =>
        fault.InnerException is PostgresException { SqlState: PostgresErrorCodes.InvalidPassword }
        && places.MayReadPasswordsAnew?.Invoke() == true;

    // Nobody has to look for that at night.
    private static HealthFinding AgeNotKnown(string place, CdcDmsException fault) =>
        new(HealthSeverity.Warning, "rotation-overdue", $"{place} is not known: {fault.Message}");

    // The message has no value of a row, which may not be mailed.
    private static HealthFinding Away(string place, CdcDmsException fault) =>
        new(HealthSeverity.Critical, NotLookedAt, $"{place} could not be looked at: {fault.Message}");
}
