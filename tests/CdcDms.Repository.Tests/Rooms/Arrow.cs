using CdcDms.House;

namespace CdcDms.Rules.Rooms;

/// <summary>A room uses another room of its project.</summary>
/// <param name="First">One use that shows it.</param>
/// <param name="FromFloor">The floor of the room that uses, counted from the top.</param>
/// <param name="ToFloor">The floor of the room that is used.</param>
internal sealed record Arrow(Use First, int FromFloor, int ToFloor)
{
    /// <summary>As it stands in a list.</summary>
    public string Name => $"{First.From.Project}: {First.From.Room} → {First.To.Room}";

    /// <summary>Whether the room that is used stands below.</summary>
    public bool PointsDown => FromFloor < ToFloor;

    /// <summary>Why it is wrong.</summary>
    public string Fault =>
        $"{Name}. {First.From.Path}:{First.Line} (in {First.From.Room}) uses {First.Name} (in {First.To.Room}): "
        + $"{First.From.Room} is {(FromFloor == ToFloor ? "beside" : "below")} {First.To.Room}.";
}
