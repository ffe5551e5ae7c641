/** The service, with behaviours that end their process where a test orders it. See crashing-behaviours.ts. */
import { Service } from '../../src/service/service.ts';
import { readSettings } from '../../src/service/settings.ts';

const module = new URL('./crashing-behaviours.ts', import.meta.url);
const service = await Service.start({
  settings: readSettings(process.env),
  behavioursModules: { inventory: module, logistics: module },
  onGiveUp: () => process.exit(1),
});
process.on('SIGTERM', () => {
  void service.stop().then(() => process.exit(0));
});
