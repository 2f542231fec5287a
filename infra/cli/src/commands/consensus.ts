import { writeFile } from 'node:fs/promises';
import { openRunningSite, verifyEvidenceFile } from '@starling/runtime';
import { Command } from 'commander';
import {
  describeChain,
  describeEvidence,
  listDecisions,
  listEvidence,
  listSettings,
} from '../chain-text.ts';
import { EXIT } from '../exit-codes.ts';
import { homeOption } from '../home.ts';
import { idBeginning } from '../id-beginning.ts';
import { type Format, formatOption, print } from '../output.ts';

interface ConsensusOptions {
  readonly home: string;
  readonly format: Format;
}

interface EvidenceOptions extends ConsensusOptions {
  readonly out?: string;
}

export function consensusCommand(end: (code: number) => void): Command {
  const consensus = new Command('consensus')
    .description('How the members agree: where the chain stands, what it decided, who lied.')
    .addHelpText('after', '\nExample:\n  $ starling consensus status --home ./north');
  consensus
    .command('status')
    .description('Engine, epoch, members, height, view; what is undecided, and what is tolerated.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling consensus status --home ./north')
    .action(async ({ home, format }: ConsensusOptions) => {
      const view = await (await openRunningSite(home)).consensus();
      print(format, { ...view.status, sites: view.sites }, () => describeChain(view));
    });
  consensus
    .command('decisions')
    .description('The newest decided blocks: what is in them, who signed them, how long it took.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling consensus decisions --home ./north')
    .action(async ({ home, format }: ConsensusOptions) => {
      const view = await (await openRunningSite(home)).consensus();
      print(format, view.decisions, () => listDecisions(view));
    });
  consensus.addCommand(evidenceCommand());
  consensus.addCommand(settingsCommand());
  consensus
    .command('verify')
    .description('Check evidence that a site exported; needs no site.')
    .argument('<file>', 'what "starling consensus evidence show --out" wrote')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling consensus verify ./evidence.json')
    .action(async (file: string, { format }: Pick<ConsensusOptions, 'format'>) => {
      const found = await verifyEvidenceFile(file);
      if (!found.holds) end(EXIT.checksFailed);
      print(
        format,
        found,
        () => `${found.holds ? 'it holds' : 'it does not hold'}: ${found.detail}`,
      );
    });
  return consensus;
}

function evidenceCommand(): Command {
  const evidence = new Command('evidence')
    .description('Members that signed two statements which contradict each other.')
    .addHelpText('after', '\nExample:\n  $ starling consensus evidence --home ./north');
  evidence
    .command('list', { isDefault: true })
    .description('Who, what, in which view.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling consensus evidence --home ./north')
    .action(async ({ home, format }: ConsensusOptions) => {
      const view = await (await openRunningSite(home)).consensus();
      print(format, view.evidence, () => listEvidence(view));
    });
  evidence
    .command('show')
    .description('Both signed statements, for anyone to check.')
    .argument('<id>', 'id of the evidence, or its first digits', idBeginning)
    .option('--out <file>', 'also write it as JSON')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling consensus evidence show 77ab01d2 --out evidence.json --home ./north',
    )
    .action(async (id: string, { format, home, out }: EvidenceOptions) => {
      const found = await (await openRunningSite(home)).evidence(id);
      if (out !== undefined) await writeFile(out, `${JSON.stringify(found, undefined, 2)}\n`);
      print(format, found, () => describeEvidence(found));
    });
  return evidence;
}

function settingsCommand(): Command {
  const settings = new Command('settings')
    .description('What all members set together: proposed by one site, agreed by the others.')
    .addHelpText('after', '\nExample:\n  $ starling consensus settings --home ./north');
  settings
    .command('list', { isDefault: true })
    .description('In force and proposed, and who agreed so far.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling consensus settings --home ./north')
    .action(async ({ home, format }: ConsensusOptions) => {
      const view = await (await openRunningSite(home)).consensus();
      print(format, view.settings, () => listSettings(view));
    });
  settings
    .command('propose')
    .description('Propose a value; two thirds of the members must agree.')
    .argument('<name>', 'small letters, digits, "." and "-"')
    .argument('<value>', 'at most 256 characters')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling consensus settings propose topology.shards 4 --home ./north',
    )
    .action(async (name: string, value: string, { format, home }: ConsensusOptions) => {
      const setting = await (await openRunningSite(home)).proposeSetting(name, value);
      print(format, setting, () => `proposed as ${setting.id}`);
    });
  settings
    .command('approve')
    .description('Agree to what another site proposed.')
    .argument('<id>', 'id of the proposal, or its first digits', idBeginning)
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling consensus settings approve 91c2 --home ./south')
    .action(async (id: string, { format, home }: ConsensusOptions) => {
      const setting = await (await openRunningSite(home)).approveSetting(id);
      print(format, setting, () => `this site agrees: ${setting.name} is ${setting.value}`);
    });
  return settings;
}
