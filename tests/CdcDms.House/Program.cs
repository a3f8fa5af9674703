using CdcDms.House;
using CdcDms.Testing;

// usage: dotnet run --project tests/CdcDms.House [-- FOLDER]      (the numbers of the repository in FOLDER; without it, of this one)
foreach (var line in HouseReport.Of(new RepositoryTree(args.FirstOrDefault() ?? Repository.Root)))
    Console.WriteLine(line);
