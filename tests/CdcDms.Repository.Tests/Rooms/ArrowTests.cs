using CdcDms.House;

namespace CdcDms.Rules.Rooms;

/// <summary>Arrows point down: between projects as listed, within a project from level to level.</summary>
public class ArrowTests
{
    [Fact]
    public void A_project_references_only_those_that_it_may_use()
    {
        var wrong = from project in ReadHouse.Projects
                    where !project.IsTest
                    from reference in project.References
                    where !MayUse(project.Name, reference)
                    select $"{project.Name} references {reference}.";

        Faults.AssertNone(wrong);
    }

    [Fact]
    public void A_project_uses_only_those_that_it_may_use()
    {
        var wrong = from use in ReadHouse.Uses
                    where use.From.Project != use.To.Project && !MayUse(use.From.Project, use.To.Project)
                    select $"{use.From.Path}:{use.Line} uses {use.Name} of {use.To.Project}.";

        Faults.AssertNone(wrong);
    }

    [Fact]
    public void A_room_uses_only_rooms_on_levels_below() =>
        Faults.AssertNone(RoomArrows().Where(arrow => !arrow.PointsDown).Select(arrow => arrow.Fault));

    [Fact]
    public void Every_room_stands_on_one_level()
    {
        var rooms = Built().SelectMany(project => project.Files.Select(file => $"{project.Name}: {file.Room}").Distinct()).ToList();
        var listed = Built()
            .SelectMany(project => Levels(project.Name).SelectMany(level => level, (_, room) => $"{project.Name}: {room}"))
            .ToList();

        Faults.AssertNone(
        [
            .. rooms.Except(listed).Select(room => $"{room} stands on no level."),
            .. listed.Except(rooms).Select(room => $"{room} is listed and does not exist."),
            .. listed.CountBy(room => room).Where(room => room.Value > 1).Select(room => $"{room.Key} is listed twice."),
        ]);
    }

    [Fact]
    public void A_project_with_folders_has_levels()
    {
        var folders = from project in ReadHouse.Projects
                      where !project.IsTest && !Architecture.Levels.ContainsKey(project.Name)
                      from file in project.Files
                      where !file.Room.EndsWith(".cs", StringComparison.Ordinal)
                      select $"{project.Name}: {file.Room}";

        Faults.AssertNone(folders.Distinct());
    }

    [Fact]
    public void No_files_of_a_project_use_each_other_in_a_circle()
    {
        var circles = from use in ReadHouse.Uses
                      where use.From.Project == use.To.Project && !IsCase(use)
                      group (use.From.Path, use.To.Path) by use.From.Project into pairs
                      from circle in new Arrows(pairs).Circles()
                      select string.Join(" ⇄ ", circle);

        Faults.AssertNone(circles);
    }

    // The base of a closed family of records names them for JSON: that is a list, and no code of the base uses them.
    private static bool IsCase(Use use) => use.From.Lines[use.Line - 1].StartsWith("[JsonDerivedType(", StringComparison.Ordinal);

    private static bool MayUse(string project, string other) => Architecture.Projects.GetValueOrDefault(project, []).Contains(other);

    private static IEnumerable<Arrow> RoomArrows() =>
        from use in ReadHouse.Uses
        where use.From.Project == use.To.Project && use.From.Room != use.To.Room && Architecture.Levels.ContainsKey(use.From.Project)
        group use by (use.From.Project, From: use.From.Room, To: use.To.Room) into uses
        let levels = Levels(uses.Key.Project)
        select new Arrow(uses.First(), Level(levels, uses.Key.From), Level(levels, uses.Key.To));

    private static IEnumerable<HouseProject> Built() => ReadHouse.Projects.Where(project => Architecture.Levels.ContainsKey(project.Name));

    private static List<string[]> Levels(string project) => [.. Architecture.Levels[project].Split('\n').Select(level => level.Split(' '))];

    private static int Level(List<string[]> levels, string room) => levels.FindIndex(level => level.Contains(room));
}
