import appWindow from 'lucide-static/icons/app-window.svg?raw';
import bot from 'lucide-static/icons/bot.svg?raw';
import circleAlert from 'lucide-static/icons/circle-alert.svg?raw';
import clock from 'lucide-static/icons/clock.svg?raw';
import copy from 'lucide-static/icons/copy.svg?raw';
import cornerDownLeft from 'lucide-static/icons/corner-down-left.svg?raw';
import keyRound from 'lucide-static/icons/key-round.svg?raw';
import lock from 'lucide-static/icons/lock.svg?raw';
import plus from 'lucide-static/icons/plus.svg?raw';
import search from 'lucide-static/icons/search.svg?raw';
import settings from 'lucide-static/icons/settings.svg?raw';
import shieldAlert from 'lucide-static/icons/shield-alert.svg?raw';
import trash from 'lucide-static/icons/trash-2.svg?raw';
import triangleAlert from 'lucide-static/icons/triangle-alert.svg?raw';
import unplug from 'lucide-static/icons/unplug.svg?raw';
import x from 'lucide-static/icons/x.svg?raw';
import arrowDown from 'lucide-static/icons/arrow-down.svg?raw';
import chevronDown from 'lucide-static/icons/chevron-down.svg?raw';
import chevronUp from 'lucide-static/icons/chevron-up.svg?raw';
import download from 'lucide-static/icons/download.svg?raw';
import ellipsis from 'lucide-static/icons/ellipsis.svg?raw';
import refresh from 'lucide-static/icons/refresh-cw.svg?raw';
import scrollText from 'lucide-static/icons/scroll-text.svg?raw';
import terminal from 'lucide-static/icons/terminal.svg?raw';
import upload from 'lucide-static/icons/upload.svg?raw';
import link from 'lucide-static/icons/link.svg?raw';

/** The icons in use, from Lucide (ISC). The markup is part of the build, never of data, so it may be set as HTML. */
const SHAPES = {
  'app-window': appWindow,
  bot,
  'circle-alert': circleAlert,
  clock,
  copy,
  'corner-down-left': cornerDownLeft,
  'key-round': keyRound,
  lock,
  plus,
  search,
  settings,
  'shield-alert': shieldAlert,
  trash,
  'triangle-alert': triangleAlert,
  unplug,
  'arrow-down': arrowDown,
  'chevron-down': chevronDown,
  'chevron-up': chevronUp,
  download,
  ellipsis,
  'refresh-cw': refresh,
  'scroll-text': scrollText,
  terminal,
  upload,
  link,
  x,
};
export type IconName = keyof typeof SHAPES;

interface IconProps {
  name: IconName;
  isSmall?: boolean;
}

/** A Lucide icon, 16 px or 14. It never stands alone: the button around it carries the label. */
export function Icon({ name, isSmall = false }: IconProps) {
  return (
    <svg
      class={isSmall ? 'icon small' : 'icon'}
      viewBox="0 0 24 24"
      aria-hidden="true"
      dangerouslySetInnerHTML={{ __html: shapeOf(SHAPES[name]) }}
    />
  );
}

/** What is inside the outer `<svg>`: our own outer element sets size and stroke. */
function shapeOf(svg: string): string {
  const open = svg.indexOf('>', svg.indexOf('<svg'));
  return svg.slice(open + 1, svg.lastIndexOf('</svg>'));
}
