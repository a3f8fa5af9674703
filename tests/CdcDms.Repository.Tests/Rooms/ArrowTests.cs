using CdcDms.House;

namespace CdcDms.Rules.Rooms;

/// <summary>Arrows point down: between projects as listed, within a project from floor to floor.</summary>
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
    public void A_room_uses_only_rooms_on_floors_below()
    {
        var wrong = RoomArrows().Where(arrow => !arrow.PointsDown && !Architecture.NotYet.Contains(arrow.Name));

        Faults.AssertNone(wrong.Select(arrow => arrow.Fault));
    }

    [Fact]
    public void Every_room_stands_on_one_floor()
    {
        var rooms = Built().SelectMany(project => project.Files.Select(file => $"{project.Name}: {file.Room}").Distinct()).ToList();
        var listed = Built()
            .SelectMany(project => Floors(project.Name).SelectMany(floor => floor, (_, room) => $"{project.Name}: {room}"))
            .ToList();

        Faults.AssertNone(
        [
            .. rooms.Except(listed).Select(room => $"{room} stands on no floor."),
            .. listed.Except(rooms).Select(room => $"{room} is listed and does not exist."),
            .. listed.CountBy(room => room).Where(room => room.Value > 1).Select(room => $"{room.Key} is listed twice."),
        ]);
    }

    [Fact]
    public void A_project_with_folders_has_floors()
    {
        var folders = from project in ReadHouse.Projects
                      where !project.IsTest && !Architecture.Floors.ContainsKey(project.Name)
                      from file in project.Files
                      where !file.Room.EndsWith(".cs", StringComparison.Ordinal)
                      select $"{project.Name}: {file.Room}";

        Faults.AssertNone(folders.Distinct());
    }

    [Fact]
    public void No_files_of_a_project_use_each_other_in_a_circle()
    {
        var circles = from use in ReadHouse.Uses
                      where use.From.Project == use.To.Project
                      group (use.From.Path, use.To.Path) by use.From.Project into pairs
                      from circle in new Arrows(pairs).Circles()
                      where !circle.Intersect(Architecture.CirclesNotYet).Any()
                      select string.Join(" ⇄ ", circle);

        Faults.AssertNone(circles);
    }

    [Fact]
    public void Every_arrow_that_shall_go_is_still_there() =>
        Faults.AssertNone(Architecture.NotYet.Except(RoomArrows().Where(arrow => !arrow.PointsDown).Select(arrow => arrow.Name)));

    private static bool MayUse(string project, string other) => Architecture.Projects.GetValueOrDefault(project, []).Contains(other);

    private static IEnumerable<Arrow> RoomArrows() =>
        from use in ReadHouse.Uses
        where use.From.Project == use.To.Project && use.From.Room != use.To.Room && Architecture.Floors.ContainsKey(use.From.Project)
        group use by (use.From.Project, From: use.From.Room, To: use.To.Room) into uses
        let floors = Floors(uses.Key.Project)
        select new Arrow(uses.First(), Floor(floors, uses.Key.From), Floor(floors, uses.Key.To));

    private static IEnumerable<HouseProject> Built() => ReadHouse.Projects.Where(project => Architecture.Floors.ContainsKey(project.Name));

    private static List<string[]> Floors(string project) => [.. Architecture.Floors[project].Split('\n').Select(floor => floor.Split(' '))];

    private static int Floor(List<string[]> floors, string room) => floors.FindIndex(floor => floor.Contains(room));
}
