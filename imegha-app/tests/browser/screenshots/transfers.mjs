// What is on its way: running, paused, waiting, failed, done.

import { file } from "./stage.mjs";

export async function transfers({ app, page, context, take, quiet }) {
  // Held on the way, so that the picture is the same on every machine.
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const hold = async (route) => {
    if (route.request().method() === "PUT") await held;
    await route.continue().catch(() => {});
  };
  await context.route("**/v1/**", hold);
  await app.choose([
    file("Film vom Sommer.mp4", "video/mp4", 10_000_000),
    file("Film vom Winter.mp4", "video/mp4", 9_000_000),
    ...["Januar", "Februar", "März", "April"].map((month) => file(`Belege ${month}.pdf`, "application/pdf", 400_000)),
  ]);
  await page.locator("[data-testid=transfer][data-state=running]").first().waitFor();
  await take("transfers-running");
  await app.transfer("Film vom Sommer.mp4").getByTestId("transfer-pause").click();
  await app.transfer("Film vom Sommer.mp4", "paused").waitFor();
  await take("transfers-paused");
  await app.at("who").click();
  await app.at("sign-out").click();
  await app.at("sign-out-anyway").waitFor();
  await take("sign-out-while-busy");
  await page.keyboard.press("Escape");
  await app.at("transfers-fold").click();
  await take("transfers-folded");
  await app.at("transfers-fold").click();

  await context.setOffline(true);
  release();
  await app.at("offline").waitFor();
  await page.locator("[data-testid=transfer][data-state=waiting]").first().waitFor();
  await take("transfers-offline");
  await context.setOffline(false);
  await context.unroute("**/v1/**", hold);
  await app.transfer("Belege April.pdf", "done").waitFor({ timeout: 120_000 });
  await app.transfer("Film vom Sommer.mp4").getByTestId("transfer-retry").click();
  await app.transfer("Film vom Sommer.mp4", "done").waitFor({ timeout: 120_000 });

  await app.choose([file("Zu gross.mov", "video/quicktime", 12_000_000)]);
  await app.transfer("Zu gross.mov", "failed").waitFor({ timeout: 120_000 });
  await take("transfers-failed");
  await quiet();
}
