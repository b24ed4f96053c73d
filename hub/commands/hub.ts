import { composeCommand } from './hub-compose.ts';
import { doctorCommand } from './hub-doctor.ts';
import { downCommand } from './hub-down.ts';
import { joinCommand } from './hub-join.ts';
import { keyCommand } from './hub-key.ts';
import { leaveCommand } from './hub-leave.ts';
import { runCommand } from './hub-run.ts';
import { serviceCommand } from './hub-service.ts';
import { statusCommand } from './hub-status.ts';
import { upCommand } from './hub-up.ts';
import type { Noun } from '../command.ts';

/** `hubtab hub …`: this machine as a member of the network. */
export const hubNoun: Noun = {
  noun: 'hub',
  summary: 'make this machine reachable from your browser',
  commands: [
    joinCommand,
    upCommand,
    downCommand,
    runCommand,
    serviceCommand,
    statusCommand,
    keyCommand,
    doctorCommand,
    leaveCommand,
    composeCommand,
  ],
};
