import { HelpLink } from './help-link.tsx';
import { Icon } from './icon.tsx';

interface WrongHintProps {
  id?: string;
  fault?: string;
  children: string;
}

/** Says under a field what is wrong with it. */
export function WrongHint({ id, fault, children }: WrongHintProps) {
  return (
    <span class="hint wrong" role="alert" id={id} data-fault={fault}>
      <Icon name="circle-alert" isSmall />
      <span>
        {children} {fault !== undefined && <HelpLink code={fault} />}
      </span>
    </span>
  );
}
