/** The service, with behaviours that misbehave where a test orders it. See faulty-behaviours.ts. */
import { Service } from '../../src/service/service.ts';
import { readSettings } from '../../src/service/settings.ts';

const service = await Service.start({
  settings: readSettings(process.env),
  behavioursModules: { inventory: new URL('./faulty-behaviours.ts', import.meta.url) },
  onGiveUp: () => process.exit(1),
});
process.on('SIGTERM', () => {
  void service.stop().then(() => process.exit(0));
});
