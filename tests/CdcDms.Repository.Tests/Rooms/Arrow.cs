using CdcDms.House;

namespace CdcDms.Rules.Rooms;

/// <summary>A room uses another room of its project.</summary>
/// <param name="First">One use that shows it.</param>
/// <param name="FromLevel">The level of the room that uses, counted from the top.</param>
/// <param name="ToLevel">The level of the room that is used.</param>
internal sealed record Arrow(Use First, int FromLevel, int ToLevel)
{
    /// <summary>Whether the room that is used stands below.</summary>
    public bool PointsDown => FromLevel < ToLevel;

    /// <summary>Why it is wrong.</summary>
    public string Fault =>
        $"{First.From.Path}:{First.Line} (in {First.From.Room}) uses {First.Name} (in {First.To.Room}): "
        + $"{First.From.Room} is {(FromLevel == ToLevel ? "beside" : "below")} {First.To.Room}.";
}
