using CdcDms.Contract;
using CdcDms.Local.Services;

// Prints the ports of its PostgreSQL and its S3 server, keeps them until its input ends.
try
{
    await using var services = await EmbeddedServices.StartAsync();
    Console.WriteLine($"{services.Postgres.Port} {services.S3.Endpoint.Port}");
    await Console.In.ReadToEndAsync();
    return 0;
}
catch (CdcDmsException failure)
{
    Console.WriteLine(failure.Message);
    return 1;
}
