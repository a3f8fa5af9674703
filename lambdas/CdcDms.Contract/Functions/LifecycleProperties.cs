using System.Globalization;
using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>
/// Properties of the custom resources <em>Before</em> and <em>After</em>. Both carry the same values but for <see cref="Moment"/>.
/// All are known at synthesis: Before must not refer to the task or its endpoints, which depend on it.
/// CloudFormation hands every value over as text; numbers are read from text.
/// </summary>
/// <remarks>
/// CloudFormation shows a function the properties of the deployment before, too. So a property added later is optional, and
/// its default means what its absence meant.
/// </remarks>
public sealed record LifecycleProperties
{
    /// <summary>Which of the two resources this is.</summary>
    public required LifecycleMoment Moment { get; init; }

    /// <summary>What runs the replication.</summary>
    public required ReplicationKind Kind { get; init; }

    /// <summary>
    /// The fixed <c>ReplicationTaskIdentifier</c> or <c>ReplicationConfigIdentifier</c>, by which the function finds the replication.
    /// </summary>
    public required string Identifier { get; init; }

    /// <summary>The generation that <see cref="Identifier"/> ends with.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public required int Generation { get; init; }

    /// <summary>
    /// A hash of all properties of the task, its endpoints and its certificates. Its change is what makes CloudFormation call
    /// Before and After; a hash that stays says that the task need not stop.
    /// </summary>
    public required string Fingerprint { get; init; }

    /// <summary>
    /// What CloudFormation answers with a new task, endpoint or instance when it changes, by a name for the refusal, such as
    /// <c>"source endpoint identifier"</c> → <c>"shop-source-1"</c>: identifiers, KMS keys, the instance's subnet group
    /// (the create-only properties of AWS::DMS::ReplicationTask, Endpoint, ReplicationInstance and ReplicationConfig).
    /// </summary>
    public required IReadOnlyDictionary<string, string> Identity { get; init; }

    /// <summary>
    /// What must not change in place, by the names of <see cref="FixedSettings"/>. A change calls Before, which refuses it with a sentence
    /// of its own. Default: nothing is known of the deployment before, so nothing is refused.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Fixed { get; init; }

    /// <summary>
    /// The <see cref="FixedSettings.Analytics"/> that the deployment before names, when the database was moved from there with its ledger.
    /// Default: it was not moved.
    /// </summary>
    public string? AnalyticsMovedFrom { get; init; }

    /// <summary>
    /// The <see cref="FixedSettings.Source"/> that the deployment before names, when it is the same server under another name. Default: it
    /// was not moved.
    /// </summary>
    public string? SourceMovedFrom { get; init; }

    /// <summary>The new generation for which a deployment may replace the task and load every table again. Default: none.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public int? AllowReplacementForGeneration { get; init; }

    /// <summary>
    /// For a task of type <c>cdc</c>: the replication slot's LSN, such as <c>4AF/B00000D0</c>, from which the first start reads.
    /// Default: none, DMS makes the slot (<c>full-load-and-cdc</c>).
    /// </summary>
    public string? CdcStartPosition { get; init; }

    /// <summary>
    /// The tables that the task loads and captures, each as <c>schema.name</c>; null when it loads none. After sees to it that one which
    /// was added is loaded.
    /// </summary>
    public IReadOnlyList<string>? Tables { get; init; }

    /// <summary>
    /// ARN of the state machine that looks at the databases, which Before starts as long as the replication has never worked, and for
    /// tables that are added. Default: none, nobody looks.
    /// </summary>
    public string? Preflight { get; init; }

    /// <summary>Checks of preflight whose losses the environment accepts. Default: none.</summary>
    public IReadOnlyList<string>? AcceptedLosses { get; init; }

    /// <summary>The properties as a template holds them: texts, a map of texts and a list of texts.</summary>
    public Dictionary<string, object> ToResourceProperties()
    {
        var properties = new Dictionary<string, object>
        {
            ["moment"] = Moment == LifecycleMoment.Before ? "before" : "after",
            ["kind"] = Kind == ReplicationKind.Task ? "task" : "serverless",
            ["identifier"] = Identifier,
            ["generation"] = Generation.ToString(CultureInfo.InvariantCulture),
            ["fingerprint"] = Fingerprint,
            ["identity"] = Identity.ToDictionary(pair => pair.Key, pair => (object)pair.Value),
        };
        if (Fixed is { Count: > 0 } settings)
            properties["fixed"] = settings.ToDictionary(pair => pair.Key, pair => (object)pair.Value);
        if (AnalyticsMovedFrom is { } moved)
            properties["analyticsMovedFrom"] = moved;
        if (SourceMovedFrom is { } renamed)
            properties["sourceMovedFrom"] = renamed;
        if (AllowReplacementForGeneration is { } allowed)
            properties["allowReplacementForGeneration"] = allowed.ToString(CultureInfo.InvariantCulture);
        if (Tables is { } tables)
            properties["tables"] = tables.ToArray();
        if (Preflight is { } preflight)
            properties["preflight"] = preflight;
        if (AcceptedLosses is { Count: > 0 } accepted)
            properties["acceptedLosses"] = accepted.ToArray();
        if (CdcStartPosition is { } position)
            properties["cdcStartPosition"] = position;
        return properties;
    }
}
